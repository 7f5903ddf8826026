import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Answer, type SeenRequest, testHost, type TestHost } from '../../testing/test-host.ts';

const entry = {
  user: 'ada',
  name: 'hello-1',
  submit_time: '2026-01-31T12:05:00',
  start_time: '2026-01-31T12:05:02.123456',
  status: 'COMPLETED',
  priority: 'NORMAL',
  labels: { team: 'arms', robot: 'r1' },
  overview: 'http://gateway.test/workflows/hello-1',
  pool: 'lab',
  duration: 125,
  queued_time: 2,
};
const task = { name: 'greet', retry_id: 0, status: 'FAILED', start_time: null, exit_code: 3, failure_message: 'bad' };
const detail = { ...entry, submitted_by: 'ada', groups: [{ name: 'greet-group', status: 'FAILED', tasks: [task] }] };
const submitted = { name: 'hello-2', overview: 'http://o', logs: null, spec: null, dashboard_url: null, warnings: [] };

/** A gateway that has one workflow, and takes everything. */
function answer({ line }: SeenRequest): Answer {
  if (line.startsWith('GET /api/workflow?')) return { json: { workflows: [entry], more_entries: false } };
  if (/^GET \/api\/workflow\/[^/?]+(\?|$)/.test(line)) return { json: detail };
  if (/^GET \/api\/workflow\/[^/]+\/(logs|error_logs|events|spec)/.test(line))
    return { response: new Response('text\n') };
  if (line.includes('dry_run=True')) return { json: { ...submitted, spec: 'workflow: {name: rendered}\n' } };
  if (line.includes('validation_only=True')) return { json: { ...submitted, logs: 'Workflow validation succeeded.' } };
  if (line.startsWith('GET /api/profile/settings'))
    return { json: { profile: { username: 'ada', pool: 'favourite' } } };
  if (line.includes('/cancel')) return { json: { name: /workflow\/([^/]+)/.exec(line)?.[1] } };
  if (line.startsWith('GET /api/tag')) return { json: { tags: ['a', 'b'] } };
  if (line.includes('/tag')) return { json: null };
  return { json: submitted };
}

const hello = 'workflow:\n  name: hello\n  tasks:\n  - {name: greet, image: busybox, command: [ls]}\n';
function machine(): TestHost {
  const made = testHost(answer);
  writeFileSync(join(made.folder, 'hello.yaml'), hello);
  return made;
}

const listed = 'GET /api/workflow?all_pools=True&order=DESC&limit=20&offset=0';

// Upstream's requests (docs: cli contract); what is ours stands in a table of its own below.
/** A recipe of one task, which ends with these lines of its files. */
const withFiles = (...lines: string[]): string =>
  `workflow:
  name: local
  tasks:
  - name: greet
    image: busybox
    command: ['true']
    files:
${lines.join('\n')}
`;

describe('requests are upstream’s', () => {
  test.each<[string, string[]]>([
    ['workflow list', [listed]],
    ['workflow list -c 5 -f 10', ['GET /api/workflow?all_pools=True&order=DESC&limit=5&offset=10']],
    [
      'workflow list -a -s running FAILED -p lab other',
      [
        'GET /api/workflow?statuses=RUNNING&statuses=FAILED&all_users=True&pools=lab&pools=other&order=DESC&limit=20&offset=0',
      ],
    ],
    [
      'workflow list -u ada bob -n he -o desc --tags x y --priority low --app a:1',
      [
        'GET /api/workflow?users=ada&users=bob&name=he&tags=x&tags=y&all_pools=True&app=a:1&priority=LOW&order=DESC&limit=20&offset=0',
      ],
    ],
    [
      'workflow list --label team=(a|b) --label robot=r* --no-label draft',
      ['GET /api/workflow?all_pools=True&label=team=(a|b)&label=robot=r*&no_label=draft&order=DESC&limit=20&offset=0'],
    ],
    ['workflow query hello-1', ['GET /api/workflow/hello-1?verbose=False']],
    ['workflow query hello-1 -v', ['GET /api/workflow/hello-1?verbose=True']],
    ['workflow logs hello-1', ['GET /api/workflow/hello-1/logs']],
    [
      'workflow logs hello-1 -n 7 -t greet -r 2',
      ['GET /api/workflow/hello-1/logs?last_n_lines=7&task_name=greet&retry_id=2'],
    ],
    ['workflow logs hello-1 --error --task greet', ['GET /api/workflow/hello-1/error_logs?task_name=greet']],
    ['workflow events hello-1 -t greet -r 0', ['GET /api/workflow/hello-1/events?task_name=greet&retry_id=0']],
    ['workflow spec hello-1', ['GET /api/workflow/hello-1/spec?use_template=False']],
    ['workflow spec hello-1 --template', ['GET /api/workflow/hello-1/spec?use_template=True']],
    [
      'workflow cancel a-1 b-2 -m enough -f',
      [
        'POST /api/workflow/a-1/cancel?force=True&message=enough',
        'POST /api/workflow/b-2/cancel?force=True&message=enough',
      ],
    ],
    ['workflow cancel a-1', ['POST /api/workflow/a-1/cancel?force=False']],
    ['workflow tag', ['GET /api/tag']],
    [
      'workflow tag -w a-1 b-2 -a x y -r z',
      ['POST /api/workflow/a-1/tag?add=x&add=y&remove=z', 'POST /api/workflow/b-2/tag?add=x&add=y&remove=z'],
    ],
    ['workflow restart hello-1', ['GET /api/workflow/hello-1', 'POST /api/pool/lab/workflow/hello-1/restart']],
    ['workflow restart hello-1 -p other', ['POST /api/pool/other/workflow/hello-1/restart']],
    [
      'workflow submit hello.yaml',
      ['GET /api/profile/settings', 'POST /api/pool/favourite/workflow?pool_is_default=True'],
    ],
    [
      'workflow validate hello.yaml',
      ['GET /api/profile/settings', 'POST /api/pool/favourite/workflow?pool_is_default=True&validation_only=True'],
    ],
    [
      'workflow submit hello.yaml -p lab --priority high --label a=b --label c=d --set-env E=1=2',
      ['POST /api/pool/lab/workflow?label=a=b&label=c=d&priority=HIGH&env_vars=E=1=2'],
    ],
    ['workflow submit hello.yaml -p lab --dry-run --set-env E=1', ['POST /api/pool/lab/workflow?dry_run=True']],
    ['workflow submit hello-1 -p lab', ['POST /api/pool/lab/workflow?workflow_id=hello-1']],
    ['workflow validate hello.yaml -p lab', ['POST /api/pool/lab/workflow?validation_only=True']],
  ])('osmo %s', async (line, expected) => {
    using made = machine();
    expect([await made.run(...line.split(' ')), made.err()]).toEqual([0, '']);
    expect(made.requests.map((request) => request.line)).toEqual(expected);
  });

  test('times of filters are the start of a day here, in UTC without a zone', async () => {
    using made = machine();
    await made.run('workflow', 'list', '--submitted-after', '2026-01-31', '--submitted-before', '2026-02-01');
    const utc = (day: Date): string => day.toISOString().slice(0, 19);
    expect(made.requests[0]?.line).toContain(
      `submitted_after=${utc(new Date(2026, 0, 31))}&submitted_before=${utc(new Date(2026, 1, 1))}`,
    );
  });

  test('a list longer than a page is fetched in pages', async () => {
    using made = testHost(({ line }) => {
      const size = Number(/limit=(\d+)/.exec(line)?.[1]);
      return { json: { workflows: Array.from({ length: size }, () => entry), more_entries: true } };
    });
    await made.run('workflow', 'list', '-c', '2500');
    expect(made.requests.map(({ line }) => line.replace(/^.*order=DESC&/, ''))).toEqual([
      'limit=1000&offset=0',
      'limit=1000&offset=1000',
      'limit=500&offset=2000',
    ]);
  });
});

describe('submitting', () => {
  test('sends the recipe as it is, with the variables', async () => {
    using made = machine();
    await made.run('workflow', 'submit', 'hello.yaml', '-p', 'lab', '--set', 'a=1', 'b=x', '--set-string', 'c=2');
    expect(made.requests[0]?.body).toEqual({
      file: hello,
      set_variables: ['a=1', 'b=x'],
      set_string_variables: ['c=2'],
      uploaded_templated_spec: null,
    });
  });
  test('a workflow once more has no body', async () => {
    using made = machine();
    await made.run('workflow', 'submit', 'hello-1', '-p', 'lab');
    expect(made.requests[0]?.body).toBeUndefined();
  });
  test('local files go into what the gateway has rendered, and the template beside it', async () => {
    const rendered = withFiles('    - path: /data/a', '      localpath: a.txt');
    using made = testHost(({ line }) => ({
      json: { ...submitted, spec: line.includes('dry_run=True') ? rendered : null },
    }));
    const template = rendered.replace('name: local', 'name: {{ n }}');
    writeFileSync(join(made.folder, 'local.yaml'), template);
    writeFileSync(join(made.folder, 'a.txt'), 'says {{ this }}\n');
    expect(await made.run('workflow', 'submit', 'local.yaml', '-p', 'lab', '--set', 'n=local')).toBe(0);
    expect(made.requests.map(({ line }) => line)).toEqual([
      'POST /api/pool/lab/workflow?dry_run=True',
      'POST /api/pool/lab/workflow?dry_run=False',
    ]);
    const second = made.requests[1]?.body as Record<string, string>;
    expect(second['uploaded_templated_spec']).toBe(template);
    expect(second['set_variables']).toEqual(['n=local']);
    expect(second['file']).toContain("says {{'{{'}} this }}");
    expect(second['file']).not.toContain('localpath');
  });
  test('local files that can not be read are told with their places, all of them', async () => {
    const rendered = withFiles(
      '    - {path: /a, localpath: a.txt}',
      '    - {path: /b, localpath: b.txt}',
      '    - {path: /c, localpath: .}',
    );
    using made = testHost(() => ({ json: { ...submitted, spec: rendered } }));
    writeFileSync(
      join(made.folder, 'local.yaml'),
      `default-values: {n: local}\n${rendered.replace('name: local', 'name: {{ n }}')}`,
    );
    writeFileSync(join(made.folder, 'a.txt'), 'here');
    expect(await made.run('workflow', 'submit', 'local.yaml', '-p', 'lab')).toBe(2);
    const message = [
      '10:29: workflow.tasks[0].files[1].localpath: "b.txt": there is no such file',
      '11:29: workflow.tasks[0].files[2].localpath: ".": is a folder',
    ].join('\n');
    expect(made.err()).toBe(`Error message: ${message}\nError code: 1\n`);
    expect(made.requests).toHaveLength(1);
    expect(await made.run('workflow', 'validate', 'local.yaml', '--offline')).toBe(2);
    expect(made.err()).toContain(
      '10:29: workflow.tasks[0].files[1].localpath: "b.txt": names a file that was not found',
    );
  });
  test.each<[string, string[], RegExp]>([
    ['no such file', ['workflow', 'submit', 'nope.yaml'], /"nope.yaml": there is no such file/],
    ['a template’s variables for an id', ['workflow', 'submit', 'a-1', '--set', 'x=1'], /are for recipes/],
    [
      'a priority that is none',
      ['workflow', 'submit', 'hello.yaml', '--priority', 'URGENT'],
      /must be one of HIGH, NORMAL, LOW/,
    ],
    ['an attempt of no task', ['workflow', 'logs', 'a-1', '-r', '1'], /--retry-id: needs --task/],
    ['a count that is none', ['workflow', 'list', '-c', '-1'], /must be an integer of 1 or more/],
    ['a day that is none', ['workflow', 'list', '--submitted-after', '2026-02-30'], /must be a day as YYYY-MM-DD/],
    ['mine and everybody’s', ['workflow', 'list', '-u', 'ada', '-a'], /--user, --all-users/],
    ['tags of nothing', ['workflow', 'tag', '-a', 'x'], /need --workflow/],
  ])('%s is refused without asking the gateway', async (_, argv, message) => {
    using made = machine();
    expect([await made.run(...argv), made.out()]).toEqual([2, '']);
    expect(made.err()).toMatch(message);
    expect(made.requests).toEqual([]);
  });
  test('without a pool anywhere it says which there are', async () => {
    using made = testHost(({ line }) =>
      line.includes('profile')
        ? { json: { profile: { pool: null } } }
        : { json: { node_sets: [{ pools: [{ name: 'a' }] }, { pools: [{ name: 'b' }] }] } },
    );
    writeFileSync(join(made.folder, 'hello.yaml'), hello);
    expect(await made.run('workflow', 'submit', 'hello.yaml')).toBe(2);
    expect(made.err()).toContain("--pool: must be given: the profile has no default, and you see 'a', 'b'");
  });
  test('a recipe is checked offline, with the place of what is wrong', async () => {
    using made = machine();
    expect([await made.run('workflow', 'validate', 'hello.yaml', '--offline'), made.out()]).toEqual([
      0,
      'Workflow validation succeeded.\n',
    ]);
    writeFileSync(join(made.folder, 'bad.yaml'), `${hello}    exit_actions: {}\n`);
    expect(await made.run('workflow', 'validate', 'bad.yaml', '--offline')).toBe(2);
    expect(made.err()).toMatch(/\d+:\d+: /);
    expect(made.requests).toEqual([]);
  });
});

describe('what is printed', () => {
  test.each([
    'workflow list',
    'workflow list -o wide',
    'workflow list -o name',
    'workflow list -o yaml',
    'workflow list --format-type json',
    'workflow query hello-1',
    'workflow query hello-1 -v -o wide',
    'workflow query hello-1 -t json',
    'workflow submit hello.yaml -p lab',
    'workflow submit hello.yaml -p lab --priority LOW',
    'workflow submit hello.yaml -p lab -o name',
    'workflow submit hello.yaml -p lab --dry-run',
    'workflow submit hello.yaml -p lab -t json',
    'workflow validate hello.yaml -p lab',
    'workflow restart hello-1',
    'workflow cancel a-1 b-2',
    'workflow tag',
    'workflow tag -w a-1 -a x',
    'workflow logs hello-1',
  ])('osmo %s', async (line) => {
    using made = machine();
    expect(await made.run(...line.split(' '))).toBe(0);
    expect(made.out()).toMatchSnapshot();
  });

  test('what can’t be canceled is told and the others are', async () => {
    using made = testHost(({ line }) =>
      line.includes('a-1')
        ? { response: Response.json({ message: 'has ended', error_code: 'USER', workflow_id: 'a-1' }, { status: 400 }) }
        : { json: { name: 'b-2' } },
    );
    expect(await made.run('workflow', 'cancel', 'a-1', 'b-2')).toBe(0);
    expect(made.out()).toBe('Cancel job for workflow b-2 is submitted!\n');
    expect(made.err()).toBe('Error message: has ended\nError code: 400\n');
  });
});
