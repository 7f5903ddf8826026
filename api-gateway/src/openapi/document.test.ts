import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { FakeClock } from '@osmo/kube/testing';
import { providerLogins } from '../identity/provider-logins.ts';
import { operationsOf } from '../operations.ts';
import { parseOptions } from '../options.ts';
import { openApiDocument } from './document.ts';
import { documentPage } from './page.ts';

const cache = { onChange: () => undefined, list: () => [], get: () => undefined, byIndex: () => [] };
const kinds = [
  ...['workflows', 'tasks', 'pools', 'platforms', 'backends', 'apps', 'appVersions'],
  ...['buckets', 'datasets', 'datasetVersions'],
];
const caches = Object.fromEntries(kinds.map((kind) => [kind, cache]));
const settings = parseOptions([]);
const authentication = { issuers: [], close: async () => undefined };
const logins = providerLogins({
  authentication,
  dev: false,
  clock: new FakeClock('2026-01-01T00:00:00Z'),
} as never).operations;
const operations = operationsOf({ caches, own: {}, access: {}, settings, logins, people: {} } as never);

test('every operation is there under a name of its own, with its path parameters and a way in', () => {
  const document = openApiDocument(operations);
  const paths = document['paths'] as Record<string, Record<string, Record<string, unknown>>>;
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, operation })),
  );
  expect(described).toHaveLength(operations.length);
  expect(new Set(described.map(({ operation }) => operation['operationId'])).size).toBe(operations.length);
  for (const { path, operation } of described) {
    const names = ((operation['parameters'] ?? []) as { name: string; in: string }[])
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => name);
    expect(names).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  }
  const open = described.filter(({ operation }) => operation['security'] === undefined).map(({ path }) => path);
  expect(open.toSorted()).toEqual([
    '/api/auth/browser/backchannel-logout',
    '/api/auth/browser/callback',
    '/api/auth/browser/login',
    '/api/auth/browser/logout',
    '/api/auth/jwt/access_token',
    '/api/auth/jwt/access_token',
    '/api/auth/keys',
    '/api/auth/login',
    '/api/auth/saml/{name}/acs',
    '/api/auth/saml/{name}/login',
    '/api/auth/saml/{name}/metadata',
    '/api/docs',
    '/api/openapi.json',
    '/api/version',
    '/client/version',
    '/health',
    '/openapi.json',
  ]);
});

test('every schema in it is one', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
  for (const { answer, body } of operations) {
    for (const schema of [answer.schema, body?.schema]) if (schema !== undefined) ajv.compile(schema);
  }
});

test('the page shows every path and runs nothing', () => {
  const { text: page } = documentPage(operations);
  for (const { path } of operations) expect(page).toContain(`<code>${path}</code>`);
  expect(page).not.toMatch(/<script|https?:\/\//);
});
