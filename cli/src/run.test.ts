import { describe, expect, test } from '@jest/globals';
import { testHost } from './testing/test-host.ts';
import { groups, verbs } from './verbs/index.ts';

const refused = (status: number, body: unknown) => () => ({ response: Response.json(body, { status }) });
const lost = (code: string) => () => ({
  error: Object.assign(new Error(`${code} there`), { code }),
});

describe('what the process ends with', () => {
  test.each<[string, number, ReturnType<typeof refused>]>([
    ['USAGE', 1, refused(400, { message: 'm', error_code: 'USAGE', workflow_id: null })],
    ['RESOURCE', 1, refused(400, { message: 'm', error_code: 'RESOURCE', workflow_id: null })],
    ['CREDENTIAL, when nothing is submitted', 2, refused(400, { message: 'm', error_code: 'CREDENTIAL' })],
    ['USER', 2, refused(403, { message: 'm', error_code: 'USER', workflow_id: null })],
    ['NOTFOUND', 2, refused(404, { message: 'm', error_code: 'NOTFOUND', workflow_id: null })],
    ['no error code', 2, refused(400, { detail: 'm' })],
    ['JSON null', 2, refused(400, null)],
    ['too many requests, again and again', 75, refused(429, { message: 'slowly', error_code: 'USER' })],
    ['a server that fails', 10, refused(500, { message: 'm', error_code: 'SERVER' })],
    ['an answer that is no JSON', 10, () => ({ response: new Response('<html>') })],
    ['a redirect', 10, () => ({ response: new Response(null, { status: 302, headers: { location: 'http://x/' } }) })],
    ['an empty answer', 10, () => ({ response: new Response('') })],
  ])('%s: %i', async (_, code, answer) => {
    using made = testHost(answer);
    expect(await made.run('workflow', 'query', 'a-1')).toBe(code);
    expect(made.err()).toMatch(/^Error message: [^]+\nError code: \d+\n$/);
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET'])(
    'a gateway that can’t be reached (%s): 10, after 5 retries',
    async (code) => {
      using made = testHost(lost(code));
      expect(await made.run('workflow', 'query', 'a-1')).toBe(10);
      expect(made.requests).toHaveLength(6);
      expect(made.err()).toContain(`${code} there`);
    },
  );
  test('what changes something is not repeated once it may have arrived', async () => {
    using made = testHost(lost('ECONNRESET'));
    expect(await made.run('workflow', 'cancel', 'a-1')).toBe(10);
    expect(made.requests).toHaveLength(1);
  });
  test('version asks once', async () => {
    using made = testHost(lost('ECONNREFUSED'));
    expect(await made.run('version')).toBe(10);
    expect(made.requests).toHaveLength(1);
    expect(made.requests[0]?.headers).not.toHaveProperty('x-osmo-user');
  });
  test('a refused submission: 1, in upstream’s words', async () => {
    const body = { message: 'no such key', error_code: 'CREDENTIAL', workflow_id: 'hello-7' };
    using made = testHost(refused(400, body));
    expect(await made.run('workflow', 'restart', 'hello-7', '-p', 'lab')).toBe(1);
    expect(made.err()).toBe('Error message: Workflow hello-7 submit failed:\nno such key\nError code: 400\n');
  });
  test('told to wait, it waits and goes on', async () => {
    let calls = 0;
    using made = testHost(() =>
      ++calls < 3
        ? {
            response: Response.json(
              { message: 'm', error_code: 'USER' },
              { status: 429, headers: { 'retry-after': '2' } },
            ),
          }
        : { json: { tags: [] } },
    );
    expect(await made.run('workflow', 'tag')).toBe(0);
    expect(made.sleeps).toEqual([2000, 2000]);
  });
  test('told to wait for minutes, it gives up at once', async () => {
    const headers = { 'retry-after': '600' };
    using made = testHost(() => ({
      response: Response.json({ message: 'm', error_code: 'USER' }, { status: 429, headers }),
    }));
    expect([await made.run('workflow', 'tag'), made.sleeps]).toEqual([75, []]);
  });
  test.each([
    ['an unknown option', ['workflow', 'list', '--colour']],
    ['an unknown command', ['workflow', 'lst']],
    ['an argument that is missing', ['workflow', 'query']],
    ['one argument too many', ['workflow', 'query', 'a-1', 'b-1']],
    ['a format that there isn’t', ['workflow', 'list', '--output', 'xml']],
    ['two formats', ['workflow', 'list', '--output', 'yaml', '-t', 'json']],
    ['no command', ['workflow']],
  ])('%s: 2', async (_, argv) => {
    using made = testHost(() => ({ json: {} }));
    expect(await made.run(...argv)).toBe(2);
    expect([made.requests, (made.err() + made.out()).trim()]).toEqual([[], expect.stringMatching(/./)]);
  });
  test.each([
    [['workflow', 'submit'], 'osmo workflow submit --help'],
    [['workflow', 'list', '--colour'], 'osmo workflow list --help'],
    [['workflow', 'lst'], 'osmo workflow --help'],
    [['wrkflow'], 'osmo --help'],
  ])('%j names the help that says how it is used', async (argv, help) => {
    using made = testHost(() => ({ json: {} }));
    expect(await made.run(...argv)).toBe(2);
    expect(made.err()).toContain(`Run "${help}"`);
  });
  test('with JSON asked for, an error is JSON on standard output', async () => {
    using made = testHost(refused(404, { message: 'there is none', error_code: 'NOTFOUND', workflow_id: null }));
    expect(await made.run('workflow', 'query', 'a-1', '-t', 'json')).toBe(2);
    expect([JSON.parse(made.out()), made.err()]).toEqual([{ message: 'there is none', code: 404 }, '']);
  });
  test('a warning of the gateway comes before the result, on standard error', async () => {
    const headers = { 'x-osmo-warning': Buffer.from('your client is ölder').toString('base64') };
    using made = testHost(() => ({ response: Response.json({ tags: [] }, { headers }) }));
    expect([await made.run('workflow', 'tag'), made.err()]).toEqual([0, 'your client is ölder\n']);
  });
  test('an id is one segment of a path, whatever is in it', async () => {
    using made = testHost(() => ({ json: { tags: [] } }));
    await made.run('workflow', 'spec', '../../api/x?y#z');
    expect(made.requests[0]?.line).toBe('GET /api/workflow/..%2F..%2Fapi%2Fx%3Fy%23z/spec?use_template=False');
  });
});

describe('every command', () => {
  test.each(verbs.map((verb) => [verb.path.join(' '), verb] as const))(
    'osmo %s has help with examples',
    async (name, verb) => {
      using made = testHost(() => ({ json: {} }));
      expect([await made.run(...verb.path, '--help'), made.err()]).toEqual([0, '']);
      expect(made.out()).toContain(`Usage: osmo ${name}`);
      expect(verb.examples.length).toBeGreaterThan(0);
      for (const [example] of verb.examples) expect(made.out()).toContain(`osmo ${example}`);
    },
  );
  test('stands in a group that there is, once', () => {
    const names = verbs.map(({ path }) => path.join(' '));
    expect(new Set(names).size).toBe(names.length);
    const known = new Set(groups.map(({ name }) => name));
    expect(verbs.filter(({ path }) => path.length > 1 && !known.has(path[0] ?? ''))).toEqual([]);
  });
});

describe('help for a command that there is not', () => {
  test.each<[string[], string]>([
    [['workfow', '--help'], "unknown command 'workfow'\n(Did you mean workflow?)"],
    [['-h', 'workflow', 'sumbit'], "unknown command 'sumbit'\n(Did you mean submit?)"],
    [['--log-level', 'DEBUG', 'nonsense', '-h'], "unknown command 'nonsense'"],
  ])('%j is refused like the command', async (argv, message) => {
    using made = testHost(() => ({ json: {} }));
    expect([await made.run(...argv), made.out()]).toEqual([2, '']);
    expect(made.err()).toContain(message);
  });
  test.each([
    [['--help']],
    [['workflow', '--help']],
    [['workflow', 'submit', 'x', '-h']],
    [['--log-level', 'INFO', 'pool', '-h']],
  ])('%j of those that there are is given', async (argv) => {
    using made = testHost(() => ({ json: {} }));
    expect([await made.run(...argv), made.err()]).toEqual([0, '']);
    expect(made.out()).toContain('Usage: osmo');
  });
});
