/**
 * Takes a cluster of kind through its life: up, the demo, a stopped node, the demo again, down without a trace. Needs a Docker
 * daemon and what KIND_NODE_IMAGE names, so it is no part of `make test`.
 *
 *     node hack/test/kind.ts
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeNameOfKind } from '../cluster/kind.ts';
import { layoutOf } from '../cluster/node/layout.ts';
import { containerState } from '../cluster/system/docker.ts';
import { run } from '../cluster/system/run.ts';

const root = join(import.meta.dirname, '../..');
const name = 'kind-test';
const layout = layoutOf(root, name);
const node = nodeNameOfKind(layout);

/** Runs a script of this repository on the cluster, its output being ours. */
async function script(...args: string[]): Promise<void> {
  console.log(`==> ${args.join(' ')}`);
  const environment = { ...process.env, CLUSTER: 'kind', CLUSTER_NAME: name };
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: environment });
  const code = await new Promise<number>((done, failed) => {
    child.once('error', failed);
    child.once('close', (exit) => done(exit ?? 1));
  });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}

const down = (): Promise<void> => script('hack/cluster/cli.ts', 'down');

async function main(): Promise<void> {
  await down();
  try {
    await script('hack/cluster/cli.ts', 'up');
    await script('hack/install/main.ts');
    await script('hack/demo/main.ts');
    console.log(`==> docker stop ${node}`);
    await run('docker', ['stop', node]);
    await script('hack/demo/main.ts');
    if (!existsSync(layout.auditLog)) throw new Error(`${layout.auditLog}: the apiserver writes no audit log`);
  } finally {
    await down();
  }
  const state = await containerState(node);
  if (state !== undefined) throw new Error(`down left the container ${node}, which is ${state}`);
  if (existsSync(layout.state)) throw new Error(`down left ${layout.state}`);
  console.log('==> kind: up, demo, stop, demo and down are as they should be');
}

await main().catch((error: unknown) => {
  console.error(`!!! ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
