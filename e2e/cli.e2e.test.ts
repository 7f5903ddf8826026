import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, type KubeObject, resourceType } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { run, type RunResult } from '../hack/cluster/system/run.ts';
import { connectToCluster, kubeconfig } from './harness/connect.ts';
import { clear, type Lab, newLab } from './harness/lab.ts';

const minutes = 60_000;
const root = join(import.meta.dirname, '..');
const recipes = join(root, 'examples/recipes');
/** A second pool: people who name none still get the one that a Workflow without a pool gets. */
const secondPool = 'e2e-cli';
const Pools = resourceType<KubeObject & { spec: object }>({
  group: 'osmo.dev',
  version: 'v1alpha1',
  kind: 'Pool',
  plural: 'pools',
  namespaced: false,
});
let client: KubeClient;
let lab: Lab;
let folder: string;
let executable: string;
let environment: NodeJS.ProcessEnv;

/** Runs the executable that `make cli` builds, as a user of this machine. */
const osmo = (...args: string[]): Promise<RunResult> =>
  run(executable, args, { environment, cwd: recipes, allowFailure: true, timeoutMs: 10 * minutes });

/** Its output; anything but success is an error that says what it was. */
async function print(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await osmo(...args);
  if (code !== 0) throw new Error(`osmo ${args.join(' ')}: ${code}: ${stderr}${stdout}`);
  return stdout;
}

/** Submits a recipe and gives its id. */
const submit = async (file: string, ...args: string[]): Promise<string> =>
  (await print('workflow', 'submit', file, '--namespace', lab.namespace, '-o', 'name', ...args)).trim();

interface Shown {
  status: string;
  groups: { name: string; status: string; tasks: { name: string; status: string }[] }[];
}
const query = async (id: string): Promise<Shown> =>
  JSON.parse(await print('workflow', 'query', id, '-t', 'json')) as Shown;

/** Waits until a workflow has ended. */
const ended = (id: string): Promise<Shown> =>
  until(
    () => query(id),
    ({ status }) => status === 'COMPLETED' || status.startsWith('FAILED'),
    5 * minutes,
  );

/** What tasks said, without times and OSMO's own remarks, sorted: tasks that run at once are in no order. */
const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.includes('] [osmo] '))
    .map((line) => line.replace(/^[\d/]+ [\d:]+ /, ''))
    .toSorted();

beforeAll(async () => {
  await run(process.execPath, [join(root, 'hack/cli/build.ts')], { timeoutMs: 8 * minutes });
  executable = join(root, 'dist/osmo');
  folder = mkdtempSync(join(tmpdir(), 'osmo-cli-e2e-'));
  const gateway = readFileSync(join(dirname(kubeconfig()), 'env.d/gateway'), 'utf8');
  const url = /^export OSMO_URL='(http:\/\/127\.0\.0\.1:\d+)'$/m.exec(gateway)?.[1] ?? '';
  environment = { PATH: process.env['PATH'], HOME: folder, OSMO_CONFIG_FILE_DIR: folder, OSMO_URL: url, TZ: 'UTC' };
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-cli');
  const { apiVersion, kind, spec } = await client.get(Pools, { name: 'default' });
  const second = { apiVersion, kind, metadata: { name: secondPool }, spec };
  await client.apply(Pools, second, { fieldManager: 'osmo-e2e', force: true });
  // The suite before may have replaced the gateway.
  await until(
    () => print('login', '--method', 'dev', '--username', 'cli-user'),
    (text) => text.includes('Welcome cli-user.'),
    3 * minutes,
  );
}, 10 * minutes);
afterAll(async () => {
  await clear(lab);
  await client.delete(Pools, { name: secondPool });
  await client.close();
  rmSync(folder, { recursive: true, force: true });
}, 5 * minutes);

describe('the osmo command', () => {
  test('prints both versions', async () => {
    expect(await print('version')).toMatch(
      /^OSMO client version: \d+\.\d+\.\d+\nOSMO service version: \d+\.\d+\.\d+\n$/,
    );
  });

  test(
    'submits recipes, which run to their ends with the expected logs',
    async () => {
      const expected: [file: string, args: string[], lines: string[]][] = [
        ['hello.yaml', [], ['[greet] hello from ID']],
        [
          'templated.yaml',
          ['--set', 'robots=3', '--set-string', 'greeting=welcome'],
          ['[robot-0] welcome, robot 0', '[robot-1] welcome, robot 1', '[robot-2] welcome, robot 2'],
        ],
        ['serial.yaml', [], ['[evaluate] evaluating', '[simulate] simulating', '[train] training']],
        ['parallel.yaml', [], ['[both] both arms', '[left] left arm', '[right] right arm']],
        ['groups.yaml', [], ['[client] ready to simulate', '[write] simulated']],
      ];
      const submitted = await Promise.all(
        expected.map(async ([file, args, lines]) => ({ file, lines, id: await submit(file, ...args) })),
      );
      for (const { file, lines, id } of submitted) {
        expect(id).toMatch(new RegExp(`^${lab.namespace}\\.${file.replace('.yaml', '')}-\\d+$`));
        // Live: it ends when the workflow does.
        const live = linesOf(await print('workflow', 'logs', id));
        const { status, groups } = await ended(id);
        expect([id, status, groups.map((group) => group.status)]).toEqual([
          id,
          'COMPLETED',
          groups.map(() => 'COMPLETED'),
        ]);
        const wanted = lines.map((line) => line.replace(/ ID$/, ` ${id.slice(lab.namespace.length + 1)}`));
        const whole = await until(
          async () => linesOf(await print('workflow', 'logs', id)),
          (found) => wanted.every((line) => found.includes(line)),
          2 * minutes,
        );
        expect([id, whole]).toEqual([id, wanted]);
        for (const line of live) expect(wanted).toContain(line);
      }
    },
    15 * minutes,
  );

  test(
    'lists, shows, cancels and submits once more',
    async () => {
      const recipe = join(folder, 'endless.yaml');
      writeFileSync(
        recipe,
        'workflow:\n  name: endless\n  tasks:\n  - {name: wait, image: busybox, command: [sleep, "100000"]}\n',
      );
      const id = await submit(recipe, '--label', 'suite=cli', '--priority', 'HIGH');
      await until(
        () => query(id),
        ({ status }) => status === 'RUNNING',
        5 * minutes,
      );
      const listed = await print('workflow', 'list', '--label', 'suite=cli', '-s', 'RUNNING', '-o', 'name');
      expect(listed.trim().split('\n')).toEqual([id]);
      expect(await print('workflow', 'list', '--label', 'suite=cli')).toMatch(
        new RegExp(
          `^User +Workflow ID +Submit Time +Status +Priority +Labels +Overview\\n=+\\ncli-user +${id} .* RUNNING +HIGH +suite=cli `,
        ),
      );
      expect(await print('workflow', 'cancel', id, '-m', 'enough')).toBe(
        `Cancel job for workflow ${id} is submitted!\n`,
      );
      expect((await ended(id)).status).toBe('FAILED_CANCELED');
      const again = await submit(id);
      expect(again).not.toBe(id);
      await print('workflow', 'cancel', again, '--force');
      expect((await ended(again)).status).toBe('FAILED_CANCELED');
      expect(await print('workflow', 'spec', again)).toContain('image: busybox');
    },
    15 * minutes,
  );

  test(
    'waits for the end of what it submits, and says how that was',
    async () => {
      const wait = (file: string): Promise<RunResult> =>
        osmo('workflow', 'submit', file, '--namespace', lab.namespace, '--wait');
      const recipe = join(folder, 'ends.yaml');
      const ending = (command: string): string =>
        `workflow:\n  name: ends\n  tasks:\n  - {name: a, image: busybox, command: [sh, -c, "${command}"]}\n`;
      writeFileSync(recipe, ending('exit 0'));
      const good = await wait(recipe);
      expect([good.code, good.stderr.trim().split('\n').at(-1)]).toEqual([
        0,
        expect.stringMatching(/ends-\d+: COMPLETED, 1 of 1 task has ended$/),
      ]);
      writeFileSync(recipe, ending('exit 9'));
      const bad = await wait(recipe);
      expect([bad.code, bad.stderr]).toEqual([4, expect.stringMatching(/ends-\d+ has ended as FAILED: .*explain/)]);
    },
    15 * minutes,
  );

  test('tells of mistakes with upstream’s exit codes', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'workflow:\n  name: bad\n  tasks:\n  - {name: a, image: busybox, comand: [ls]}\n');
    const refused = await osmo('workflow', 'submit', bad, '--namespace', lab.namespace);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('4:31: workflow.tasks[0].comand: is no known key'),
    ]);
    expect((await osmo('workflow', 'query', `${lab.namespace}.nothing-1`)).code).toBe(2);
    expect((await osmo('workflow', 'lst')).code).toBe(2);
    const nowhere = await run(executable, ['version'], {
      environment: { ...environment, OSMO_URL: 'http://127.0.0.1:9' },
      allowFailure: true,
    });
    expect(nowhere.code).toBe(10);
  });
});
