import { expect, test } from '@jest/globals';
import { warningsOf } from './warnings.ts';

test.each<[string, string | string[] | undefined, string[]]>([
  ['none', undefined, []],
  ['one', '299 - "spec.pool: waits"', ['spec.pool: waits']],
  ['several in one header', '299 - "a, b", 299 - "c"', ['a, b', 'c']],
  ['several headers', ['299 - "a"', '299 kube "b"'], ['a', 'b']],
  ['quotes and backslashes', String.raw`299 - "pool \"x\" \\ y"`, ['pool "x" \\ y']],
  ['of another kind', '199 - "stale"', []],
  ['what is no warning', 'hello', []],
])('%s', (_, header, texts) => expect(warningsOf(header)).toEqual(texts));
