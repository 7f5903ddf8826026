import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RequestError } from './errors.ts';
import { readParameters } from './parameters.ts';

const declared = {
  text: { type: 'text', description: '' },
  word: { type: 'text', description: '', enum: ['ASC', 'DESC'] },
  texts: { type: 'texts', description: '' },
  words: { type: 'texts', description: '', enum: ['A', 'B'] },
  number: { type: 'integer', description: '', minimum: 1, maximum: 1000 },
  flag: { type: 'boolean', description: '' },
  time: { type: 'time', description: '' },
} as const;
const read = (query: string) => readParameters(declared, new URLSearchParams(query));

test('what is left out or empty is absent, lists are empty', () => {
  const nothing = { text: undefined, word: undefined, texts: [], words: [], number: undefined, flag: undefined };
  expect(read('')).toEqual({ ...nothing, time: undefined });
  expect(read('text=&texts=&number=&unknown=1')).toEqual({ ...nothing, time: undefined });
});

test.each([
  ['flag=True', { flag: true }],
  ['flag=FALSE', { flag: false }],
  ['texts=a&texts=b%20c', { texts: ['a', 'b c'] }],
  ['number=20', { number: 20 }],
  ['word=ASC&word=DESC', { word: 'DESC' }],
  ['time=2025-01-31T12:00:00', { time: new Date('2025-01-31T12:00:00Z') }],
  ['time=2025-01-31', { time: new Date('2025-01-31T00:00:00Z') }],
  ['time=2025-01-31%2012:00:00.123456', { time: new Date('2025-01-31T12:00:00.123Z') }],
  ['time=2025-01-31T12:00:00%2B02:00', { time: new Date('2025-01-31T10:00:00Z') }],
])('%s', (query, want) => expect(read(query)).toMatchObject(want));

describe('what is wrong is named with what is allowed', () => {
  test.each([
    ['flag=maybe', 'flag: "maybe": must be true or false'],
    ['number=0', 'number: "0": must be an integer from 1 to 1000'],
    ['number=1e2', 'number: "1e2"'],
    ['word=up', 'word: "up": must be one of ASC, DESC'],
    ['words=A&words=C', 'words: "C": must be one of A, B'],
    ['time=yesterday', 'time: "yesterday"'],
    ['time=2025-13-41', 'time: "2025-13-41"'],
    [`text=${'x'.repeat(2000)}`, 'text: must have at most 1024 characters'],
  ])('%s', (query, message) => expect(() => read(query)).toThrow(message));
});

test('no query makes anything but a refusal', () => {
  const names = fc.constantFrom(...Object.keys(declared), 'other', '__proto__', 'constructor');
  const values = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1', '-1', '9'.repeat(40), 'NaN', '2025-02-30'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(names, values), { maxLength: 20 }), (pairs) => {
      try {
        const found = readParameters(declared, new URLSearchParams(pairs));
        expect(Object.keys(found)).toEqual(Object.keys(declared));
      } catch (error) {
        expect(error).toBeInstanceOf(RequestError);
        expect((error as RequestError).status).toBe(400);
      }
    }),
    { seed: 42, numRuns: 500 },
  );
});
