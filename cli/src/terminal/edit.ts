import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageFailure } from '../failure.ts';
import type { Host } from '../host.ts';

/**
 * Lets a person change a text in their editor: `VISUAL`, `EDITOR`, else vi.
 *
 * @param name of the file that the editor sees; its ending tells it how to colour
 * @returns the text as it was left; undefined when nobody sits at a terminal
 * @throws Failure when the editor can't be started or ends badly
 */
export async function edit(env: Host['env'], text: string, name: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'osmo-'));
  const file = join(folder, name);
  const editor = env['VISUAL'] || env['EDITOR'] || 'vi';
  try {
    writeFileSync(file, text, { mode: 0o600 });
    // A shell, since the variable may hold options: `code --wait`.
    const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', resolve);
    });
    if (code !== 0) throw usageFailure(`${editor}: ended with ${code ?? 'a signal'}; nothing was changed`);
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
