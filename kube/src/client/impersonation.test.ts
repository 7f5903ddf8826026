import { expect, test } from '@jest/globals';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fixedAccess } from './access.ts';
import { createImpersonator } from './client.ts';
import { impersonationHeaders } from './impersonation.ts';
import { ConfigMap } from './kinds/core.ts';

test('every request of a client for somebody else names them; the own ones name nobody', async () => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.setHeader('content-type', 'application/json');
    response.end('{"kind":"ConfigMap","metadata":{"name":"a"}}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const access = fixedAccess(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    headers: { authorization: 'Bearer own' },
  });
  const impersonator = createImpersonator({ access });
  const { own } = impersonator;
  const ada = impersonator.as({ user: 'ada', groups: ['lab', 'staff'] });
  const ref = { name: 'a', namespace: 'default' };
  await ada.get(ConfigMap, ref);
  await ada.apply(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref }, { fieldManager: 'test' });
  const { body } = await ada.stream('GET', '/logs');
  for await (const _ of body);
  await ada.close();
  await own.get(ConfigMap, ref);
  await own.close();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  for (const headers of seen.slice(0, 3)) {
    expect(headers).toMatchObject({
      authorization: 'Bearer own',
      'impersonate-user': 'ada',
      'impersonate-group': 'lab, staff',
    });
  }
  expect(seen).toHaveLength(4);
  expect(Object.keys(seen[3] ?? {}).filter((name) => name.startsWith('impersonate'))).toEqual([]);
});

test('what else is known travels by key, and what is not known not at all', () => {
  const extra = { 'example.com/token': 'ci', 'example.com/source': '', other: undefined };
  expect(impersonationHeaders({ user: 'ada', extra })).toEqual({
    'impersonate-user': 'ada',
    'impersonate-extra-example.com%2ftoken': 'ci',
  });
  for (const key of ['', 'A', 'a b', 'a\r\nb', 'ü']) {
    expect(() => impersonationHeaders({ user: 'ada', extra: { [key]: 'x' } })).toThrow(RangeError);
  }
  expect(() => impersonationHeaders({ user: 'ada', extra: { a: 'x\r\ny' } })).toThrow(RangeError);
});

test('names travel as UTF-8', () => {
  const headers = impersonationHeaders({ user: 'Zoë' });
  expect(Buffer.from(String(headers['impersonate-user']), 'latin1').toString('utf8')).toBe('Zoë');
  expect(headers).not.toHaveProperty('impersonate-group');
});

test.each([
  ['an empty user', { user: '' }],
  ['a line break', { user: 'ada\r\nimpersonate-group: system:masters' }],
  ['a space that would be lost', { user: ' ada' }],
  ['a bad group', { user: 'ada', groups: ['ok', 'a\u0000'] }],
])('%s is refused', (_, identity) => expect(() => impersonationHeaders(identity)).toThrow(RangeError));

test('an own identity that is borrowed itself can act for nobody else', async () => {
  const access = fixedAccess('http://127.0.0.1:1', { headers: { 'Impersonate-User': 'root' } });
  const impersonator = createImpersonator({ access });
  const request = impersonator.as({ user: 'ada' }).get(ConfigMap, { name: 'a', namespace: 'default' });
  await expect(request).rejects.toMatchObject({ reason: 'CredentialsError' });
  await impersonator.own.close();
});
