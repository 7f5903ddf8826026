import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { connectToCluster, kubeconfig } from './harness/connect.ts';

interface Report {
  ok: boolean;
  results: { workflow: string; phase: string; reason?: string; ok: boolean; differences: string[] }[];
  logs: { workflow: string; task: string; state: string; text?: string }[];
}

/** What `source .cluster/env` exports about the S3 server. */
function exportedS3(): Record<string, string> {
  const text = readFileSync(join(dirname(kubeconfig()), 'env.d/s3'), 'utf8');
  return Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
}

const root = join(import.meta.dirname, '..');
const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['hack/demo/main.ts', '--no-up', '--namespace', 'e2e-demo', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...exportedS3(), KUBECONFIG: kubeconfig() },
  });

describe('make demo', () => {
  let report: Report;
  beforeAll(async () => {
    await connectToCluster();
    const { stdout, stderr } = run('-o', 'json');
    expect(stderr).toBe('');
    report = JSON.parse(stdout) as Report;
  }, 600_000);

  test('ends with every example as it says', () => {
    expect(report.results.flatMap((result) => result.differences)).toEqual([]);
    expect(report.results.map((result) => result.workflow).toSorted()).toEqual([
      'dataset',
      'diamond',
      'failing',
      'hello',
      'serial',
      'sweep',
    ]);
    expect(report.ok).toBe(true);
  });
  test.each([
    ['hello', 'hello', /^Hello from .*, running /],
    ['serial', 'evaluate', /^success rate over 20 episodes: 95\.\d%/],
    ['diamond', 'compare', /least drift: 0\.09 m in forest/],
    ['sweep', 'simulate-4', /^run 4 of 6: friction 0\.\d+, slides 0\.\d+ m/],
    ['dataset', 'label', /^8 of 20 drives are bright/],
    ['dataset', 'summarize', /^mean brightness: 0\.\d{3} where bright, 0\.\d{3} where dark/],
    ['failing', 'check', /frame 961: the gripper is outside/],
  ])('has the log of %s/%s', (workflow, task, text) => {
    const log = report.logs.find((item) => item.workflow === workflow && item.task === task);
    expect(log?.text).toMatch(text);
  });
  test('has no log of what never started', () => {
    const log = report.logs.find((item) => item.workflow === 'failing' && item.task === 'train');
    expect(log).toEqual({ workflow: 'failing', task: 'train', state: 'Upstream' });
  });
  test('can be run again, prints a line per change and a table where there is no terminal', () => {
    const { status, stdout } = run();
    expect(stdout).toContain('failing/check: Error 3\n');
    expect(stdout).toMatch(/^failing +Failed +Error .* as expected$/m);
    expect(status).toBe(0);
  }, 600_000);
});
