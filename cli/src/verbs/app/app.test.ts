import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Answer, type SeenRequest, testHost, type TestHost } from '../../testing/test-host.ts';

const recipe = `workflow:
  name: train-{{ robot }}
  tasks: [{name: train, image: trainer, command: [train]}]
default-values:
  # Name of the robot.
  robot: spot # as in the library
version: 2
`;
const version = { version: 2, created_by: 'bob', created_date: '2026-01-31T12:05:00', status: 'READY' };
const app = {
  uuid: 'u-1',
  owner: 'ada',
  name: 'train',
  description: 'Trains',
  created_date: '2026-01-30T12:05:00.123456',
};
const submitted = { name: 'train-2', overview: 'http://o', logs: null, spec: null, dashboard_url: null, warnings: [] };

/** A gateway that has one app, and takes everything. */
function answer({ line }: SeenRequest): Answer {
  if (line.startsWith('GET /api/app?')) return { json: { apps: [{ ...app, latest_version: 2 }], more_entries: false } };
  if (line.includes('/spec')) return { response: new Response(recipe) };
  if (line.includes('/rename')) return { json: 'train-arm' };
  if (line.startsWith('GET')) return { json: { ...app, versions: [version] } };
  if (line.startsWith('DELETE')) return { json: { versions: line.includes('all') ? [1, 2] : [2] } };
  if (line.includes('dry_run=True')) return { json: { ...submitted, spec: 'workflow: {name: rendered}\n' } };
  if (line.includes('/workflow')) return { json: submitted };
  return { json: { uuid: 'u-1', name: 'train', ...version, version: 3 } };
}

function machine(options: Parameters<typeof testHost>[1] = {}): TestHost {
  const made = testHost(answer, options);
  writeFileSync(join(made.folder, 'train.yaml'), `${recipe}\n`);
  writeFileSync(join(made.folder, 'same.yaml'), recipe);
  return made;
}

const create = 'POST /api/app/user/train?description=D';
const submit = 'POST /api/pool/lab/workflow';

describe('requests are upstream’s', () => {
  test.each<[string, string[]]>([
    ['app create train -d D -f train.yaml', [create]],
    ['app update train -f train.yaml', ['GET /api/app/user/train/spec', 'PATCH /api/app/user/train']],
    ['app update train:1 -f train.yaml', ['GET /api/app/user/train/spec?version=1', 'PATCH /api/app/user/train']],
    ['app update train -f same.yaml', ['GET /api/app/user/train/spec']],
    ['app info train', ['GET /api/app/user/train?order=ASC&limit=20']],
    ['app info train:2 -c 5 -o desc', ['GET /api/app/user/train?order=DESC&limit=5&version=2']],
    ['app show train', ['GET /api/app/user/train', 'GET /api/app/user/train/spec']],
    ['app spec train', ['GET /api/app/user/train/spec']],
    ['app spec train:1', ['GET /api/app/user/train/spec?version=1']],
    ['app list', ['GET /api/app?order=ASC&limit=20&offset=0']],
    [
      'app list -n tr -u ada bob -c 5 -o desc',
      ['GET /api/app?users=ada&users=bob&name=tr&order=DESC&limit=5&offset=0'],
    ],
    ['app list -a', ['GET /api/app?all_users=True&order=ASC&limit=20&offset=0']],
    ['app delete train:1 -f', ['DELETE /api/app/user/train?version=1']],
    ['app delete train --all --force', ['DELETE /api/app/user/train?all_versions=True']],
    ['app rename train train-arm -f', ['POST /api/app/user/train/rename']],
    [
      'app submit train -p lab',
      [
        'GET /api/app/user/train?limit=1',
        'GET /api/app/user/train/spec?version=2',
        `${submit}?app_uuid=u-1&app_version=2`,
      ],
    ],
    [
      'app submit train:2 -p lab --priority low --label a=b --set robot=x --set-env E=1',
      [
        'GET /api/app/user/train?version=2&limit=1',
        'GET /api/app/user/train/spec?version=2',
        `${submit}?label=a=b&priority=LOW&env_vars=E=1&app_uuid=u-1&app_version=2`,
      ],
    ],
    [
      'app submit train -p lab --dry-run',
      [
        'GET /api/app/user/train?limit=1',
        'GET /api/app/user/train/spec?version=2',
        `${submit}?dry_run=True&app_uuid=u-1&app_version=2`,
      ],
    ],
  ])('osmo %s', async (line, expected) => {
    using made = machine();
    expect([await made.run(...line.split(' ')), made.err()]).toEqual([0, '']);
    expect(made.requests.map((request) => request.line)).toEqual(expected);
  });
  test('recipes and names are bodies of one JSON string', async () => {
    using made = machine({ input: 'from stdin\n' });
    await made.run('app', 'create', 'train', '-d', 'D', '-f', '-');
    await made.run('app', 'update', 'train', '-f', 'train.yaml');
    await made.run('app', 'rename', 'train', 'train-arm', '--force');
    const bodies = made.requests.map(({ body }) => body).filter((body) => body !== undefined);
    expect(bodies).toEqual(['from stdin\n', `${recipe}\n`, 'train-arm']);
  });
  test('a submission sends the recipe of the app with the variables', async () => {
    using made = machine();
    await made.run('app', 'submit', 'train', '-p', 'lab', '--set', 'robot=x', '--set-string', 'n=1');
    expect(made.requests.at(-1)?.body).toEqual({
      file: recipe,
      set_variables: ['robot=x'],
      set_string_variables: ['n=1'],
      uploaded_templated_spec: null,
    });
  });
});

describe('writing in an editor', () => {
  test('begins with the newest version, and what is left is sent', async () => {
    const seen: string[] = [];
    using made = machine({ edit: (text) => (seen.push(text), `${text}# mine\n`) });
    expect([await made.run('app', 'update', 'train'), made.err()]).toEqual([0, '']);
    expect([seen, made.requests.at(-1)?.body]).toEqual([[recipe], `${recipe}# mine\n`]);
  });
  test('begins with nothing for an app whose versions are all gone', async () => {
    using made = testHost(
      (request) =>
        request.line.startsWith('GET')
          ? { response: Response.json({ message: 'none', error_code: 'NOTFOUND' }, { status: 404 }) }
          : answer(request),
      { edit: (text) => `${text}workflow: {}\n` },
    );
    expect(await made.run('app', 'update', 'train')).toBe(0);
    expect(made.requests.at(-1)?.body).toBe('workflow: {}\n');
  });
  test('is not lost when the gateway refuses it', async () => {
    const refusal = { message: 'workflow: must be there', error_code: 'USAGE', workflow_id: null };
    using made = testHost(() => ({ response: Response.json(refusal, { status: 400 }) }), {
      edit: () => 'my words\n',
    });
    expect(await made.run('app', 'create', 'train', '-d', 'D')).toBe(1);
    const [, file = ''] = /kept in (\S+);/.exec(made.err()) ?? [];
    expect(readFileSync(file, 'utf8')).toBe('my words\n');
    rmSync(dirname(file), { recursive: true });
    expect(made.err()).toContain('Error message: workflow: must be there\n');
  });
});

describe('what can’t be undone', () => {
  test.each([
    ['app delete train:2', 'Delete version 2 of app train? (y/N): '],
    ['app delete train --all', 'Delete all versions of app train? (y/N): '],
    ['app rename train train-arm', 'Rename app train to train-arm? (y/N): '],
  ])('osmo %s is asked about, and done after a yes alone', async (line, question) => {
    const asked: string[] = [];
    using no = machine({ ask: (text) => (asked.push(text), '') });
    expect([await no.run(...line.split(' ')), no.requests, no.err()]).toEqual([
      0,
      [],
      expect.stringMatching(/^Nothing was/),
    ]);
    using yes = machine({ ask: () => 'y' });
    expect([await yes.run(...line.split(' ')), yes.requests.length]).toEqual([0, 1]);
    expect(asked).toEqual([question]);
  });
  test.each([
    ['app delete train:2', /--force: must be given: there is no terminal/],
    ['app rename train train-arm', /--force: must be given/],
    ['app delete train', /name a version \(train:1\), or give --all/],
    ['app delete train:1 --all', /name a version/],
    ['app create train', /--description: must be given/],
    ['app create train:1 -d D -f train.yaml', /without a version/],
    ['app create train -d D', /--file: must be given: there is no terminal/],
    ['app create train -d D -f none.yaml', /none.yaml: there is no such file/],
    ['app spec train:x', /"train:x": must be the name of an app, or name:version/],
    ['app spec train:0', /number from 1/],
    ['app list -a -u ada', /--user, --all-users: give one of them/],
    ['app submit train -l nowhere', /--local-path "nowhere": there is no such folder/],
  ])('osmo %s is refused without asking the gateway', async (line, message) => {
    using made = machine();
    expect([await made.run(...line.split(' ')), made.requests, made.out()]).toEqual([2, [], '']);
    expect(made.err()).toMatch(message);
  });
  test('of an app without a version nothing is submitted', async () => {
    using made = testHost(() => ({ json: { ...app, versions: [] } }));
    expect(await made.run('app', 'submit', 'train', '-p', 'lab')).toBe(2);
    expect(made.err()).toContain('app train has no version');
  });
});

describe('what is printed', () => {
  test.each([
    'app create train -d D -f train.yaml',
    'app update train -f train.yaml',
    'app update train -f same.yaml',
    'app update train -f train.yaml -t json',
    'app info train',
    'app info train -o name',
    'app info train -t json',
    'app show train',
    'app show train -t json',
    'app spec train',
    'app list',
    'app list -o yaml',
    'app list -o name',
    'app delete train --all -f',
    'app rename train train-arm -f',
    'app submit train -p lab',
    'app submit train -p lab --dry-run',
  ])('osmo %s', async (line) => {
    using made = machine();
    expect([await made.run(...line.split(' ')), made.err()]).toEqual([0, '']);
    expect(made.out()).toMatchSnapshot();
  });
});
