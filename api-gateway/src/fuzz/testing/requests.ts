import fc from 'fast-check';
import type { Described } from './described.ts';
import { hostileText, jsonFor, textsFor } from './values.ts';

/** A request as it is sent. */
export interface FuzzRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer | undefined;
}

/** Headers that one of the parsers looks at. Not those that say how long a body is: another test breaks these. */
const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'text/plain',
      'application/json; charset=utf-16',
      'a/b; charset=no',
      'x',
    ),
    'content-encoding': fc.constantFrom('gzip', 'br', 'identity', 'no-such'),
    'if-none-match': fc.constantFrom('*', '"x"', 'W/"x", "y"', ',,,', '"'),
    'last-event-id': fc.constantFrom('1', '-1', '99999999999999999999', 'x', ''),
    'x-request-id': fc.constantFrom('a', 'x'.repeat(200), '../', '${jndi:x}'),
    accept: fc.constantFrom('*/*', 'text/html', 'application/json;q=x', ';'),
    'accept-language': fc.constantFrom('*', 'x;;;'),
    'x-forwarded-for': fc.constantFrom('127.0.0.1', 'x', ','),
    'x-forwarded-proto': fc.constantFrom('https', 'x y', 'javascript'),
    'x-forwarded-host': fc.constantFrom('example.com', 'a b', '<script>', '['),
    'x-forwarded-prefix': fc.constantFrom('/a', '//', '%'),
  },
  { requiredKeys: [] },
);

/**
 * Random requests for an operation: some are right, most have something that is not.
 *
 * @param names of things that are there
 */
export function requestsFor(operation: Described, names: readonly string[]): fc.Arbitrary<FuzzRequest> {
  const inPath = operation.parameters.filter((each) => each.in === 'path');
  const inQuery = operation.parameters.filter((each) => each.in === 'query');
  const path = fc.tuple(...inPath.map(({ schema }) => textsFor(schema, names)));
  const query = fc.tuple(...inQuery.map(({ schema }) => fc.array(textsFor(schema, names), { maxLength: 3 })));
  // Not each of many parameters in each request: one that is refused hides the others.
  const given = fc.tuple(...inQuery.map(() => fc.nat(3).map((one) => one === 0)));
  const text = jsonFor(operation.body ?? {}, names).map((value) => Buffer.from(JSON.stringify(value) ?? ''));
  const body = fc.oneof(
    { weight: 6, arbitrary: text },
    { weight: 1, arbitrary: fc.tuple(text, fc.nat()).map(([whole, at]) => whole.subarray(0, at % (whole.length + 1))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: hostileText.map((word) => Buffer.from(word)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          '{"__proto__":{"file":"x"},"file":"y"}',
          '{"file":"x","file":["y"]}',
          '['.repeat(100_000),
          `{"file":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
        )
        .map((word) => Buffer.from(word)),
    },
  );
  return fc
    .record({ path, query, given, extra: fc.option(hostileText, { freq: 5 }), headers, body, without: fc.nat(9) })
    .map(({ path: values, query: lists, given: isGiven, extra, headers: some, body: sent, without }) => {
      const parameters = new URLSearchParams();
      for (const [index, { name }] of inQuery.entries()) {
        if (isGiven[index] === true) for (const value of lists[index] ?? []) parameters.append(name, value);
      }
      if (extra !== null) parameters.append(extra, extra);
      let target = operation.path;
      for (const [index, { name }] of inPath.entries()) {
        target = target.replace(`{${name}}`, () => encodeURIComponent((values[index] ?? '').toWellFormed()) || '-');
      }
      const search = parameters.size === 0 ? '' : `?${parameters.toString()}`;
      const hasBody = operation.body !== undefined && operation.method !== 'GET' && without > 0;
      return {
        method: operation.method,
        target: `${target}${search}`,
        headers: some,
        body: hasBody ? sent : undefined,
      };
    });
}
