/**
 * Which packages each folder may import: docs/designs and CONTRIBUTING.md explain it, `make generate` turns it into the
 * overrides of .oxlintrc.json, `make lint` enforces it. Tests may also use the test tools.
 */
export const importTable: Readonly<Record<string, readonly string[]>> = {
  crds: ['zod'],
  kube: [
    '@kubernetes/client-node',
    '@peculiar/x509',
    'reflect-metadata',
    'undici',
    'ws',
    'prom-client',
    'pino',
    'yaml',
  ],
  // Of kube/ only the arithmetic of quantities, of storage/ how URLs are read: what checks recipes and workflows needs no client.
  'workflow-spec': ['@osmo/crds', '@osmo/kube/quantity', '@osmo/storage/profile'],
  // Of workflow-spec/ not the reader of recipes: nothing of a template engine belongs into this program.
  controllers: [
    '@osmo/crds',
    '@osmo/kube',
    '@osmo/storage',
    '@osmo/workflow-spec/admission',
    '@osmo/workflow-spec/graph',
    'nodemailer',
    'pino',
    'prom-client',
  ],
  'backend-operator': ['@osmo/crds', '@osmo/kube', '@osmo/storage', '@osmo/task-runtime/plan', 'pino'],
  storage: [
    '@aws-sdk/client-s3',
    '@azure/storage-blob',
    '@napi-rs/blake-hash',
    '@smithy/node-http-handler',
    'hash-wasm',
  ],
  webhooks: ['@osmo/crds', '@osmo/kube', '@osmo/workflow-spec', 'pino', 'prom-client'],
  'api-gateway': [
    '@osmo/crds',
    '@osmo/kube',
    '@osmo/storage',
    '@osmo/kube/outgoing',
    '@osmo/workflow-spec',
    'express',
    'ws',
    'ajv',
    'jose',
    'oauth4webapi',
    '@node-saml/node-saml',
    '@xmldom/xmldom',
    'yaml',
    'pino',
    'prom-client',
  ],
  'task-runtime': ['@osmo/storage', 'yaml'],
  cli: ['@osmo/workflow-spec', '@osmo/storage', 'commander', 'yaml'],
};

/** What test files and test doubles may import on top of their folder's row. */
export const testPackages: readonly string[] = [
  '@jest/globals',
  'fast-check',
  'yaml',
  'ajv',
  'ajv-formats',
  'jose',
  'oidc-provider',
  'smtp-server',
  'undici',
  'ws',
  'xml-crypto',
];

const testFiles = (folder: string): string[] => [
  `${folder}/src/**/*.test.ts`,
  `${folder}/src/testing/**`,
  `${folder}/src/**/testing/**`,
];

/**
 * One oxlint override per folder that exists: every bare import not in its row is refused, and so is a relative path that
 * leaves the folder (`../../kube/src/…`), since that would go round the table.
 */
export function importOverrides(folders: readonly string[]): object[] {
  const rule = (folder: string, allowed: readonly string[]): object => ({
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          // First, because a negated group that matches ends oxlint's search.
          {
            regex: `^(\\.\\./)+(${Object.keys(importTable).join('|')})/`,
            message: `reach other folders by their package name, so that the import table can see it`,
          },
          {
            group: [
              '*',
              ...allowed.flatMap((name) => [`!${name}`, `!${name}/**`]),
              '!node:*',
              '!node:*/**',
              '!./**',
              '!../**',
            ],
            message: `${folder}/ may import only ${allowed.join(', ')} (import table: hack/lint/import-table.ts)`,
          },
        ],
      },
    ],
  });
  return Object.entries(importTable)
    .filter(([folder]) => folders.includes(folder))
    .flatMap(([folder, allowed]) => [
      { files: [`${folder}/src/**`], rules: rule(folder, allowed) },
      {
        files: testFiles(folder),
        rules: rule(folder, [...allowed, ...testPackages, ...(folder === 'crds' ? [] : ['@osmo/kube'])]),
      },
    ]);
}
