import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from '../../hack/cluster/control-plane/child.ts';
import { poll } from '../../hack/cluster/system/poll.ts';
import type { Site } from '../harness/site.ts';
import { seenFiles } from './planted.ts';

/**
 * Starts the recorder of a run and waits until it follows the cluster. It ends with this process at the latest.
 *
 * @throws Error with what it said when it ends, or isn't there in two minutes
 */
export async function startRecording(site: Site): Promise<Child> {
  const { folder } = seenFiles(site.kubeconfig);
  const logFile = join(folder, 'recorder.log');
  rmSync(logFile, { force: true });
  const script = join(import.meta.dirname, 'recorder.ts');
  const child = startChild({
    name: 'recorder',
    command: process.execPath,
    arguments: [script, JSON.stringify(site)],
    logFile,
  });
  const said = (): string => readFileSync(logFile, 'utf8');
  await poll('the recorder of objects and logs', async () => /^ready$/m.test(said()) || undefined, {
    timeoutMs: 120_000,
    giveUp: () => {
      if (child.ended() !== undefined) throw new Error(`the recorder ended (${child.ended()}): ${said()}`);
    },
  });
  return child;
}
