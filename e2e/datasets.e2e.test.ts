import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KubeClient, Secret } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { dataSecretName, profileOf } from '@osmo/storage';
import { run, type RunResult } from '../hack/cluster/system/run.ts';
import { connectToCluster, kubeconfig } from './harness/connect.ts';
import { clear, type Lab, newLab, podsOf } from './harness/lab.ts';

const minutes = 60_000;
const root = join(import.meta.dirname, '..');
/** Of this run alone: nobody deletes what a former one left in the store. */
const place = `e2e-datasets-${Date.now().toString(36)}`;
let client: KubeClient;
let lab: Lab;
let folder: string;
let environment: NodeJS.ProcessEnv;
let bucket: string;

/** Runs the executable that `make cli` builds, as a user of this machine. */
const osmo = (...args: string[]): Promise<RunResult> =>
  run(join(root, 'dist/osmo'), args, { environment, cwd: folder, allowFailure: true, timeoutMs: 5 * minutes });

/** Its output; anything but success is an error that says what it was. */
async function print(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await osmo(...args);
  if (code !== 0) throw new Error(`osmo ${args.join(' ')}: ${code}: ${stderr}${stdout}`);
  return stdout;
}
const json = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await print(...args, '-o', 'json')) as Record<string, unknown>;

const query = async (id: string): Promise<{ status: string }> =>
  JSON.parse(await print('workflow', 'query', id, '-t', 'json')) as { status: string };

/** Waits until a command prints what is expected: another gateway than the one that wrote may answer. */
async function shown(read: () => Promise<unknown>, expected: unknown): Promise<void> {
  await until(
    read,
    (found) => {
      expect(found).toEqual(expected);
      return true;
    },
    2 * minutes,
  );
}

/** What `source .cluster/env` exports. */
function exported(name: string): Record<string, string> {
  const text = readFileSync(join(dirname(kubeconfig()), 'env.d', name), 'utf8');
  return Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, key, value]) => [key, value]));
}

beforeAll(async () => {
  await run(process.execPath, [join(root, 'hack/cli/build.ts')], { timeoutMs: 8 * minutes });
  folder = mkdtempSync(join(tmpdir(), 'osmo-datasets-e2e-'));
  environment = {
    PATH: process.env['PATH'],
    HOME: folder,
    OSMO_CONFIG_FILE_DIR: join(folder, 'config'),
    OSMO_URL: exported('gateway')['OSMO_URL'],
    // Without keys nobody is asked for any.
    AWS_EC2_METADATA_DISABLED: 'true',
    TZ: 'UTC',
  };
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-datasets');
  bucket = `${lab.namespace}.robots`;
  await until(
    () => osmo('login', environment['OSMO_URL'] ?? '', '--method', 'dev', '--username', 'ada'),
    ({ code }) => code === 0,
    3 * minutes,
  );
  const s3 = exported('s3');
  const fields = {
    access_key_id: s3['OSMO_S3_ACCESS_KEY_ID'] ?? '',
    access_key: s3['OSMO_S3_SECRET_ACCESS_KEY'] ?? '',
    endpoint: `s3://${s3['OSMO_S3_BUCKET']}`,
    override_url: s3['OSMO_S3_ENDPOINT'] ?? '',
    region: s3['OSMO_S3_REGION'] ?? '',
    addressing_style: 'path',
  };
  // For commands of this machine, and for pods of the namespace.
  const payload = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
  await print('credential', 'set', 'local', '--type', 'DATA', '--payload', ...payload);
  const metadata = {
    name: dataSecretName(profileOf(fields.endpoint)),
    namespace: lab.namespace,
    labels: { 'osmo.dev/credential-type': 'data' },
  };
  await client.apply(
    Secret,
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: fields },
    { fieldManager: 'e2e', force: true },
  );
  mkdirSync(join(folder, 'moves/camera'), { recursive: true });
  writeFileSync(join(folder, 'moves/log.txt'), 'hello\n');
  for (let each = 0; each < 50; each++)
    writeFileSync(join(folder, `moves/camera/${each}.png`), Buffer.alloc(10_000 + each, each));
  // The suite before may have replaced the gateway.
  await until(
    () => osmo('bucket', 'create', bucket, `s3://${s3['OSMO_S3_BUCKET']}/${place}`, '-d', 'Of a test'),
    ({ code, stderr }) => code === 0 || stderr.includes('exists already'),
    3 * minutes,
  );
}, 12 * minutes);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await clear(lab);
  await client.close();
}, 5 * minutes);

test(
  'what is uploaded is listed, found and downloaded; another version holds what changed',
  async () => {
    const dataset = `${bucket}/arm_moves`;
    await shown(() => print('bucket', 'list', '-o', 'name'), expect.stringContaining(bucket));
    expect(await print('dataset', 'check', dataset, '-a', 'WRITE')).toBe('{"status":"pass"}\n');
    expect(await json('dataset', 'upload', `${dataset}:first`, './moves/*', '-d', 'First')).toMatchObject({
      version_id: 1,
      files: 51,
      tags: { first: 1 },
    });
    await shown(() => json('dataset', 'info', dataset), expect.objectContaining({ last_version: 1 }));
    await print('dataset', 'label', dataset, '-s', 'robot.kind:string:arm');
    writeFileSync(join(folder, 'moves/log.txt'), 'hello again\n');
    const second = await json('dataset', 'update', dataset, '-a', './moves/log.txt', '-r', 'camera/1[0-9]\\.png');
    expect(second).toMatchObject({ version_id: 2, files: 41 });
    expect(second['stored_size']).toBeLessThan(100_000);
    const whole = { tags: { first: 1 }, labels: { robot: { kind: 'arm' } }, last_version: 2 };
    await shown(() => json('dataset', 'info', dataset), expect.objectContaining(whole));
    await shown(() => print('dataset', 'list', '-b', bucket, '-o', 'name'), `${bucket}/arm_moves\n`);
    writeFileSync(join(folder, 'query'), 'label.robot.kind = "arm" AND created_date > "2020-01-01"');
    await shown(() => print('dataset', 'query', 'query', '-b', bucket, '-o', 'name'), `${bucket}/arm_moves\n`);
    const { stdout, stderr } = await osmo('dataset', 'diff', `${dataset}:first`);
    expect(stdout).toContain('~ log.txt  (6 B -> 12 B)\n');
    expect(stderr).toContain('From arm_moves:1 to arm_moves:2: 0 added, 10 removed, 1 changed');
    expect(await print('dataset', 'cat', dataset, 'log.txt', '--range', '6-10')).toBe('again');
    await print('dataset', 'download', `${dataset}:first`, 'back');
    expect(readdirSync(join(folder, 'back/arm_moves/camera'))).toHaveLength(50);
    expect(readFileSync(join(folder, 'back/arm_moves/log.txt'), 'utf8')).toBe('hello\n');
    expect(readFileSync(join(folder, 'back/arm_moves/camera/49.png'))).toEqual(Buffer.alloc(10_049, 49));
    expect(await print('dataset', 'log', `${dataset}:2`, '--graph', 'backwards')).toBe('arm_moves:1 -> arm_moves:2\n');
    expect(await print('dataset', 'verify', dataset, '--data')).toBe('Nothing is wrong.\n');
  },
  8 * minutes,
);

const recipe = `workflow:
  name: localpath
  tasks:
  - name: count
    image: busybox
    command: [sh, -c, 'cat {{input:0}}/notes/notes/*.txt > {{output}}/all.txt']
    inputs:
    - dataset: {name: robots/notes, localpath: notes}
    outputs:
    - dataset: {name: robots/joined}
`;

test(
  'a recipe with local files makes a dataset of them, and a task of that another one',
  async () => {
    mkdirSync(join(folder, 'notes'));
    for (const name of ['a', 'b']) writeFileSync(join(folder, `notes/${name}.txt`), `${name}\n`);
    writeFileSync(join(folder, 'recipe.yaml'), recipe);
    const id = (await print('workflow', 'submit', 'recipe.yaml', '--namespace', lab.namespace, '-o', 'name')).trim();
    const { status } = await until(
      () => query(id),
      (found) => found.status === 'COMPLETED' || found.status.startsWith('FAILED'),
      5 * minutes,
    );
    expect([id, status]).toEqual([id, 'COMPLETED']);
    const joined = `${bucket}/joined`;
    await shown(() => json('dataset', 'info', joined), expect.objectContaining({ last_version: 1 }));
    expect(await print('dataset', 'cat', joined, 'all.txt')).toBe('a\nb\n');
    const graph = await print('dataset', 'log', joined, '--graph', 'backwards');
    expect(graph).toMatch(/^notes:1 -> joined:1 {3}by task count of localpath-\d+/);
  },
  8 * minutes,
);

const threaded = `workflow:
  name: threads
  tasks:
  - name: make
    image: busybox
    command: [sh, -c, 'cd {{output}} && for i in 1 2 3 4 5 6 7 8; do dd if=/dev/urandom of=$i bs=1M count=4; done && sha256sum ? > /tmp/sums && mv /tmp/sums sums']
    outputs:
    - dataset: {name: robots/random}
  - name: check
    image: busybox
    command: [sh, -c, 'cd {{input:0}} && sha256sum -c sums && cd {{input:1}}/random && sha256sum -c sums && echo all is there; sleep 3600']
    inputs:
    - task: make
    - dataset: {name: robots/random}
`;

test(
  'what is large is put back by threads in the pod of a task',
  async () => {
    writeFileSync(join(folder, 'threads.yaml'), threaded);
    const id = (await print('workflow', 'submit', 'threads.yaml', '--namespace', lab.namespace, '-o', 'name')).trim();
    // Its command stays, so that its pod does, and what it downloaded can be asked for.
    const pod = await until(
      async () =>
        (await podsOf(lab)).find(
          ({ metadata: { labels = {} } }) =>
            labels['osmo.task_name'] === 'check' && `${lab.namespace}.${labels['osmo.workflow_id']}` === id,
        ),
      (found) => found?.status?.phase === 'Running',
      5 * minutes,
    );
    const log = `/api/v1/namespaces/${lab.namespace}/pods/${pod?.metadata.name}/log?container=`;
    const read = async (container: string): Promise<string> =>
      (await client.request('GET', `${log}${container}`)).body.toString();
    await until(
      () => read('osmo-download'),
      (text) => text.match(/threads: [1-4] had a part in it/g)?.length === 2,
      2 * minutes,
    );
    await until(
      () => read('check'),
      (text) => text.includes('all is there'),
      2 * minutes,
    );
    await print('workflow', 'cancel', id);
  },
  12 * minutes,
);

test(
  'files move to a URL and back, by the keys that this machine keeps',
  async () => {
    const url = `s3://${exported('s3')['OSMO_S3_BUCKET']}/${place}-files`;
    expect(await json('data', 'upload', url, 'moves')).toMatchObject({ files: 51 });
    expect((await print('data', 'list', `${url}/moves`, '-r', '-x', 'camera/4')).split('\n')).toHaveLength(12);
    expect(await json('data', 'upload', url, 'moves', '--resume')).toMatchObject({ files: 0, skipped: 51 });
    expect(await json('data', 'download', `${url}/moves`, 'there', '-x', 'log')).toMatchObject({ files: 1 });
    expect(await json('data', 'delete', url)).toMatchObject({ deleted: 51 });
    rmSync(join(folder, 'config/data-credentials.yaml'));
    expect(await print('data', 'check', url)).toContain('"status":"fail"');
  },
  8 * minutes,
);

/** Starts a transfer that takes long, and presses Ctrl-C once `isUnderWay`. */
async function interrupted(isUnderWay: () => Promise<boolean>, ...args: string[]): Promise<void> {
  const child = spawn(join(root, 'dist/osmo'), [...args, '--rate-limit', '50k', '--threads', '2'], {
    env: environment,
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  try {
    await until(isUnderWay, (is) => is, 2 * minutes);
    child.kill('SIGINT');
    expect(await ended).toEqual([3, null]);
  } finally {
    child.kill('SIGKILL');
  }
}

test(
  'a transfer that is interrupted leaves nothing half done, and goes on',
  async () => {
    const s3 = exported('s3');
    const url = `s3://${s3['OSMO_S3_BUCKET']}/${place}-broken`;
    environment = {
      ...environment,
      AWS_ACCESS_KEY_ID: s3['OSMO_S3_ACCESS_KEY_ID'],
      AWS_SECRET_ACCESS_KEY: s3['OSMO_S3_SECRET_ACCESS_KEY'],
      AWS_ENDPOINT_URL_S3: s3['OSMO_S3_ENDPOINT'],
      AWS_REGION: s3['OSMO_S3_REGION'],
    };
    const files = 60;
    mkdirSync(join(folder, 'broken'));
    const before = new Date(Date.now() - 60 * minutes);
    for (let number = 0; number < files; number++) {
      const file = join(folder, 'broken', String(number));
      writeFileSync(file, randomBytes(50_000));
      // What was changed in the second in which it was stored is sent again.
      utimesSync(file, before, before);
    }
    const listed = async (): Promise<number> =>
      (await print('data', 'list', url, '-r')).split('\n').filter((line) => line !== '').length;
    await interrupted(async () => (await listed()) > 2, 'data', 'upload', url, 'broken');
    const sent = await listed();
    expect(sent).toBeLessThan(files);
    const rest = await json('data', 'upload', url, 'broken', '--resume');
    expect([Number(rest['files']) + Number(rest['skipped']), await listed()]).toEqual([files, files]);
    expect(rest['skipped']).toBeGreaterThanOrEqual(sent);

    const there = (): string[] => (existsSync(join(folder, 'again')) ? readdirSync(join(folder, 'again')) : []);
    const whole = (): string[] => there().filter((name) => /^\d+$/.test(name));
    await interrupted(async () => whole().length > 2, 'data', 'download', `${url}/broken`, 'again');
    expect(there()).toEqual(whole());
    const fetched = whole().length;
    expect(fetched).toBeLessThan(files);
    expect(await json('data', 'download', `${url}/broken`, 'again', '--resume')).toMatchObject({
      files: files - fetched,
      skipped: fetched,
    });
    expect(there().toSorted()).toEqual(readdirSync(join(folder, 'broken')).toSorted());
    for (const name of there()) {
      expect(readFileSync(join(folder, 'again', name))).toEqual(readFileSync(join(folder, 'broken', name)));
    }
    await print('data', 'delete', url);
  },
  8 * minutes,
);
