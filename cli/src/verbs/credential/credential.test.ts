import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { testHost, type TestHost } from '../../testing/test-host.ts';

const data = { cred_name: 'bucket', cred_type: 'DATA', profile: 's3://b' };
const credentials = [data, { cred_name: 'wandb', cred_type: 'GENERIC', profile: null }];

function machine(options: Parameters<typeof testHost>[1] = {}): TestHost {
  const made = testHost(
    ({ line }) => ({
      json: line.startsWith('GET') ? { credentials } : line.startsWith('DELETE') ? { credentials: [data] } : null,
    }),
    options,
  );
  writeFileSync(join(made.folder, 'key'), 'hidden-word\r\n\n');
  return made;
}

describe('requests are upstream’s', () => {
  test.each<[string, string, unknown]>([
    ['credential list', 'GET /api/credentials', undefined],
    ['credential --format-type json list', 'GET /api/credentials', undefined],
    ['credential --format-type=json delete wandb', 'DELETE /api/credentials/wandb', undefined],
    ['credential delete wandb', 'DELETE /api/credentials/wandb', undefined],
    [
      'credential set wandb --payload key=a=b other=c',
      'POST /api/credentials/wandb',
      { generic_credential: { credential: { key: 'a=b', other: 'c' } } },
    ],
    [
      'credential set wandb --payload-file key=key',
      'POST /api/credentials/wandb',
      { generic_credential: { credential: { key: 'hidden-word' } } },
    ],
    [
      'credential set hub --type registry --payload registry=nvcr.io/org username=ada auth=x',
      'POST /api/credentials/hub',
      { registry_credential: { registry: 'nvcr.io/org', username: 'ada', auth: 'x' } },
    ],
    [
      'credential set b --type DATA --payload access_key_id=i access_key=k endpoint=s3://bucket/p// region=eu',
      'POST /api/credentials/b',
      { data_credential: { access_key_id: 'i', access_key: 'k', endpoint: 's3://bucket/p', region: 'eu' } },
    ],
  ])('osmo %s', async (line, request, body) => {
    using made = machine();
    expect([await made.run(...line.split(' ')), made.err()]).toEqual([0, '']);
    expect(made.requests.map((each) => [each.line, each.body])).toEqual([[request, body]]);
  });
});

describe('secrets', () => {
  test('come from standard input', async () => {
    using made = machine({ input: 'hidden-word\n' });
    expect(await made.run('credential', 'set', 'wandb', '--payload-file', 'key=-')).toBe(0);
    expect(made.requests[0]?.body).toEqual({ generic_credential: { credential: { key: 'hidden-word' } } });
  });
  test('are asked for without echo', async () => {
    const asked: unknown[] = [];
    using made = machine({ ask: (...question) => (asked.push(question), 'hidden-word') });
    expect(await made.run('credential', 'set', 'hub', '--type', 'REGISTRY', '--payload', 'username=ada', 'auth')).toBe(
      0,
    );
    expect(asked).toEqual([['auth: ', true]]);
    expect(made.requests[0]?.body).toEqual({ registry_credential: { username: 'ada', auth: 'hidden-word' } });
  });
  test.each([['text'], ['json']])('are never printed as %s, though the gateway sends them back', async (format) => {
    using made = testHost(({ body }) => ({ json: body }));
    const line = ['credential', 'set', 'wandb', '--payload', 'key=hidden-word', '--format-type', format];
    expect(await made.run(...line)).toBe(0);
    expect(made.out() + made.err()).not.toContain('hidden-word');
  });
  test.each<[string, RegExp]>([
    ['', /--payload, --payload-file: give one of them/],
    ['--payload key=hidden-word --payload-file key=key', /give one of them/],
    ['--payload =hidden-word', /one that was given has no key/],
    ['--payload key=hidden-word key=hidden-word', /"key" is given twice/],
    ['--payload key', /there is no terminal to ask for the value at/],
    ['--payload-file key', /must be key=PATH/],
    ['--payload-file key=none', /none: there is no such file/],
    ['--type SSH --payload key=hidden-word', /--type "SSH": must be one of REGISTRY, DATA, GENERIC/],
    ['--type REGISTRY --payload username=hidden-word', /auth must be given: a REGISTRY credential has auth, registry/],
    ['--type DATA --payload key=hidden-word', /"key" is no key: a DATA credential has access_key_id/],
  ])('osmo credential set a %s is refused without telling them', async (line, message) => {
    using made = machine();
    const words = ['credential', 'set', 'a', ...line.split(' ').filter((word) => word !== '')];
    expect([await made.run(...words), made.requests, made.out()]).toEqual([2, [], '']);
    expect(made.err()).toMatch(message);
    expect(made.err()).not.toContain('hidden-word');
  });
});

test('what the gateway has none of is told in its words', async () => {
  const refusal = { message: 'this gateway keeps no credentials', error_code: 'NOTFOUND', workflow_id: null };
  using made = testHost(() => ({ response: Response.json(refusal, { status: 404 }) }));
  expect(await made.run('credential', 'list')).toBe(2);
  expect(made.err()).toBe('Error message: this gateway keeps no credentials\nError code: 404\n');
});

describe('data credentials are kept on this machine too', () => {
  const set = 'credential set mine --type DATA --payload access_key_id=i access_key=hidden-word endpoint=s3://bucket/p';
  const refusal = { message: 'this gateway keeps no credentials', error_code: 'NOTFOUND', workflow_id: null };
  test('for who uses them here only, in a file for nobody else', async () => {
    using made = testHost(() => ({ response: Response.json(refusal, { status: 404 }) }));
    expect(await made.run(...set.split(' '))).toBe(0);
    expect(made.err()).toBe('Kept on this machine only, for s3://bucket: this gateway keeps no credentials\n');
    const file = join(made.folder, 'data-credentials.yaml');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('hidden-word');
    expect([await made.run('credential', 'delete', 'mine'), readFileSync(file, 'utf8')]).toEqual([0, 'profiles: {}\n']);
    expect(await made.run('credential', 'delete', 'mine')).toBe(2);
  });
  test('without a gateway', async () => {
    using made = testHost(() => ({ json: null }), { env: { OSMO_URL: '' } });
    expect(await made.run(...set.split(' '))).toBe(0);
    expect(made.err()).toContain('Kept on this machine only, for s3://bucket: no gateway is known');
  });
  test('and a list says so', async () => {
    using made = testHost(({ line }) => ({
      json: line.startsWith('GET')
        ? { credentials: [{ cred_name: 'mine', cred_type: 'DATA', profile: 's3://bucket' }] }
        : null,
    }));
    await made.run(...set.split(' '));
    await made.run('credential', 'list');
    expect(made.out()).toMatch(/mine +DATA +s3:\/\/bucket +Yes/);
  });
  test('unless it is unknown what they are for', async () => {
    using made = machine();
    expect(await made.run(...set.replace('s3://bucket/p', 'http://bucket').split(' '))).toBe(2);
    expect([made.requests, made.err()]).toEqual([[], expect.stringContaining('endpoint: store URL')]);
  });
});

describe('what is printed', () => {
  test.each([
    'credential set wandb --payload key=x',
    'credential set wandb --payload key=x -o name',
    'credential list',
    'credential list -o name',
    'credential --format-type json list',
    'credential delete wandb',
  ])('osmo %s', async (line) => {
    using made = machine();
    expect(await made.run(...line.split(' '))).toBe(0);
    expect(made.out()).toMatchSnapshot();
  });
});
