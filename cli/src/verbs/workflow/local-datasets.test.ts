import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FakeDatasets } from '../../testing/fake-datasets.ts';
import { type SeenRequest, testHost } from '../../testing/test-host.ts';

const recipe = `workflow:
  name: train
  tasks:
  - name: train
    image: busybox
    command: [ls, '{{input:0}}']
    inputs:
    - dataset: {name: 'moves:raw', localpath: ./data}
    - dataset: {name: others}
    files:
    - {path: /run.sh, localpath: run.sh}
`;

/** A gateway that renders by giving the recipe back, and a machine with what the recipe names. */
function machine() {
  let gateway: FakeDatasets | undefined;
  const submitted = { name: 'train-1', overview: null, logs: null, spec: null, dashboard_url: null };
  const made = testHost((request: SeenRequest) => {
    const { file } = (request.body ?? {}) as { file?: string };
    if (request.line.includes('/api/pool/')) return { json: { ...submitted, spec: file ?? '' } };
    return gateway?.answer(request) ?? { json: null };
  });
  gateway = new FakeDatasets(`file://${made.folder}/bucket`);
  mkdirSync(join(made.folder, 'recipes/data'), { recursive: true });
  writeFileSync(join(made.folder, 'recipes/train.yaml'), recipe);
  writeFileSync(join(made.folder, 'recipes/data/a.txt'), 'a');
  writeFileSync(join(made.folder, 'recipes/run.sh'), 'ls\n');
  const pool = (): SeenRequest[] => made.requests.filter(({ line }) => line.includes('/api/pool/'));
  return Object.assign(made, { gateway, pool });
}

test('a dataset of local files is uploaded once the recipe would be taken, and named by its version', async () => {
  using made = machine();
  expect([await made.run('workflow', 'submit', 'recipes/train.yaml', '-p', 'lab', '-o', 'name'), made.out()]).toEqual([
    0,
    'train-1\n',
  ]);
  expect(made.err()).toBe('Uploaded ./data as robots/moves:1\n');
  expect(made.gateway.datasets.get('moves')).toMatchObject([
    { version: 1, files: 1, tags: ['raw'], metadata: { localpath_dataset: true }, description: 'Of ./data' },
  ]);
  expect(made.pool().map(({ line }) => new URLSearchParams(line.split('?')[1]).toString())).toEqual([
    'dry_run=True',
    'dry_run=False&validation_only=True',
    'dry_run=False',
  ]);
  const files = made.pool().map(({ body }) => (body as { file: string }).file);
  expect(files[1]).toContain('moves:raw');
  expect(files[2]).toContain('name: robots/moves:1');
  expect(files[2]).toContain('name: others');
  expect(files[2]).toContain('contents: |');
});

test('a check and a dry run upload nothing', async () => {
  using made = machine();
  expect(await made.run('workflow', 'validate', 'recipes/train.yaml', '-p', 'lab')).toBe(0);
  expect(await made.run('workflow', 'submit', 'recipes/train.yaml', '-p', 'lab', '--dry-run')).toBe(0);
  expect(made.gateway.datasets.size).toBe(0);
});

test('what is not there is told, and nothing is submitted', async () => {
  using made = machine();
  writeFileSync(join(made.folder, 'recipes/train.yaml'), recipe.replace('./data', './none'));
  expect(await made.run('workflow', 'submit', 'recipes/train.yaml', '-p', 'lab')).toBe(2);
  expect(made.err()).toContain('there is no such file or folder');
  expect(made.pool().filter(({ line }) => !/dry_run=True|validation_only/.test(line))).toEqual([]);
});
