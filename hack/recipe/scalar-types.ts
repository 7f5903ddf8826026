import { byteAmount, cacheShare, durationForms } from '../../workflow-spec/src/recipe/amounts.ts';
import type { ScalarType } from '../../workflow-spec/src/recipe/keys/key.ts';
import { recipeName } from '../../workflow-spec/src/recipe/names.ts';

/** A type as the reference calls and explains it, and as JSON Schema has it. */
export interface ScalarReference {
  readonly name: string;
  readonly about: string;
  /** For a document as a reader of YAML gives it: numbers and booleans stay what they are. */
  readonly schema: object | boolean;
}

const durations = Object.values(durationForms).map(({ source }) => ({ pattern: source }));
const text = { type: ['string', 'number'] };

/** Every single value that a recipe may hold. A schema accepts all that the reader accepts; what only a cluster or another key can tell isn't in it. */
export const scalarTypes: Readonly<Record<ScalarType, ScalarReference>> = {
  anything: { name: 'anything', about: 'Any YAML.', schema: true },
  bytes: {
    name: 'bytes',
    about: '`8G`, `8Gi` and `8GiB` are the same, 8 × 2³⁰ bytes; units K, M, G, T, B. None means bytes.',
    schema: {
      anyOf: [
        { type: 'string', pattern: byteAmount.source },
        { type: 'number', minimum: 0 },
      ],
    },
  },
  bytesOrShare: {
    name: 'bytes or share',
    about: 'An amount of bytes, or a share of the storage such as `90%`.',
    schema: {
      anyOf: [
        { type: 'string', anyOf: [{ pattern: byteAmount.source }, { pattern: cacheShare.source }] },
        { type: 'number', minimum: 0 },
      ],
    },
  },
  count: {
    name: 'count',
    about: 'A whole number, 0 or more.',
    schema: {
      anyOf: [
        { type: 'integer', minimum: 0 },
        { type: 'string', pattern: '^[0-9]{1,15}$' },
      ],
    },
  },
  download: { name: '`download`', about: 'This word.', schema: { const: 'download' } },
  duration: {
    name: 'duration',
    about:
      '`30m` with one of d, h, m, s, ms, us; `PT1H30M`; or a number of seconds. Longer than 0; rounded up to seconds.',
    schema: {
      anyOf: [
        { type: 'string', anyOf: durations },
        { type: 'number', exclusiveMinimum: 0 },
      ],
    },
  },
  exitCodes: { name: 'exit codes', about: 'Codes and ranges of them such as `1,10-20`.', schema: text },
  flag: {
    name: 'flag',
    about: '`true` or `false`; also yes and no, on and off, t and f, y and n, 1 and 0, in any case.',
    schema: {
      anyOf: [
        { type: 'boolean' },
        {
          type: 'string',
          pattern: `^(${['true', 'yes', 'on', 'false', 'no', 'off', 't', 'y', 'f', 'n', '0', '1'].map(inAnyCase).join('|')})$`,
        },
        { enum: [0, 1] },
      ],
    },
  },
  folder: { name: 'folder', about: 'An absolute path in the container.', schema: text },
  mount: {
    name: 'mount',
    about: '`/folder`, or `/on/the/node:/in/the/task`.',
    schema: { type: 'string', pattern: '^/[^:]*(:/[^:]*)?$' },
  },
  name: {
    name: 'name',
    about: 'At most 64 letters, digits, `-` and `_`, starting with a letter and ending with a letter or digit.',
    schema: { type: 'string', pattern: recipeName.source, maxLength: 64 },
  },
  nothing: { name: 'nothing', about: 'A key without a value.', schema: { type: 'null' } },
  printed: {
    name: 'value',
    about:
      'A text, number, boolean or date, which becomes a text as Python prints it: `true` is `True`, `1.0` is `1.0`.',
    schema: { type: ['string', 'number', 'boolean'] },
  },
  quotedText: { name: 'quoted text', about: 'A text. Numbers must be in quotes.', schema: { type: 'string' } },
  requirement: {
    name: '`required` or `preferred`',
    about: 'One of these words.',
    schema: { enum: ['required', 'preferred'] },
  },
  text: {
    name: 'text',
    about: 'A text. It may be written as a number, not as a boolean or a date: put those in quotes.',
    schema: text,
  },
  url: { name: 'URL', about: 'Of an object store, such as `s3://bucket/folder`.', schema: text },
  version: { name: '`2`', about: 'This number.', schema: { enum: [2, '2'] } },
};

/** A pattern of a word, in which case makes no difference: flags of regular expressions have no place in a schema. */
export function inAnyCase(word: string): string {
  return word.replaceAll(/[A-Za-z]/g, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}
