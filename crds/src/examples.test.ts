import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { kinds } from './kinds.ts';
import { problemsOf } from './validate.ts';

const folder = fileURLToPath(new URL('../../examples/data/', import.meta.url));
const objects = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document, index): [string, { kind: string }] => [
    `${file} ${index}`,
    document.toJS() as { kind: string },
  ]),
);

/** What examples have beside our kinds: credentials, and a job with its rights. */
const kubernetes = ['Secret', 'ServiceAccount', 'RoleBinding', 'CronJob'];

test.each(objects)('%s of the examples of data is right', (_, object) => {
  const kind = kinds.find(({ type }) => type.kind === object.kind);
  if (kind === undefined) expect(kubernetes).toContain(object.kind);
  else expect(problemsOf(kind, object)).toEqual([]);
});
