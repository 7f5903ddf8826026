import type { Reader } from './reader.ts';
import { skipRestOfLine } from './scalar-scanner.ts';
import { YamlError } from './yaml-error.ts';
import { endOrBlanks, endOrBreaks, type YamlToken } from './yaml-token.ts';

const wordChar = /^[0-9A-Za-z_-]$/;
const uriChar = /^[0-9A-Za-z\-;/?:@&=+$,_.!~*'()[\]%]$/;

function scanWord(reader: Reader, what: string): string {
  let length = 0;
  while (wordChar.test(reader.peek(length))) length += 1;
  if (length === 0) throw new YamlError(`${what} needs a name of letters, digits, '-' and '_'`, reader.index);
  const word = reader.prefix(length);
  reader.forward(length);
  return word;
}

/** `&name` or `*name` */
export function scanAnchor(reader: Reader): YamlToken {
  const offset = reader.index;
  const type = reader.peek() === '*' ? 'alias' : 'anchor';
  reader.forward();
  const what = type === 'alias' ? "an alias ('*')" : "an anchor ('&')";
  const value = scanWord(reader, what);
  if (!reader.at(`${endOrBlanks}?:,]}%@\``)) {
    throw new YamlError(
      `${what} needs a name of letters, digits, '-' and '_'; put the text in quotes if it is none`,
      offset,
    );
  }
  return { type, offset, value };
}

/** `!name`, `!!name`, `!handle!name`, `!<uri>` or `!` */
export function scanTag(reader: Reader): YamlToken {
  const offset = reader.index;
  let handle: string | undefined;
  let value = '!';
  if (reader.peek(1) === '<') {
    reader.forward(2);
    value = scanUri(reader);
    if (reader.peek() !== '>') throw new YamlError("a tag that starts with '!<' ends with '>'", reader.index);
    reader.forward();
  } else if (reader.at(endOrBlanks, 1)) reader.forward();
  else {
    handle = '!';
    if (hasHandle(reader)) handle = scanHandle(reader);
    else reader.forward();
    value = scanUri(reader);
  }
  if (reader.at(`${endOrBreaks} `)) return { type: 'tag', offset, value, handle };
  throw new YamlError("a blank must follow a tag ('!…'); put the text in quotes if it is none", reader.index);
}

function hasHandle(reader: Reader): boolean {
  for (let length = 1; !reader.at(`${endOrBreaks} `, length); length += 1) if (reader.peek(length) === '!') return true;
  return false;
}

function scanHandle(reader: Reader): string {
  let length = 1;
  if (reader.peek(length) !== ' ') {
    while (wordChar.test(reader.peek(length))) length += 1;
    if (reader.peek(length) !== '!') throw new YamlError("the handle of a tag ends with '!'", reader.index + length);
    length += 1;
  }
  const handle = reader.prefix(length);
  reader.forward(length);
  return handle;
}

function scanUri(reader: Reader): string {
  let length = 0;
  while (uriChar.test(reader.peek(length))) length += 1;
  const uri = reader.prefix(length);
  if (length === 0) throw new YamlError("a tag ('!') needs a name; put the text in quotes if it is none", reader.index);
  reader.forward(length);
  try {
    return decodeURIComponent(uri);
  } catch {
    throw new YamlError("'%' in a tag must be followed by two hexadecimal digits", reader.index - length);
  }
}

/** `%YAML 1.1`, `%TAG ! prefix`, or another directive, which is ignored. */
export function scanDirective(reader: Reader): YamlToken {
  const offset = reader.index;
  reader.forward();
  const value = scanWord(reader, "a directive ('%')");
  if (!reader.at(`${endOrBreaks} `)) throw new YamlError('a blank must follow the name of a directive', reader.index);
  const token = { type: 'directive', offset, value } as const;
  const skipBlanks = (): void => {
    while (reader.peek() === ' ') reader.forward();
  };
  skipBlanks();
  if (value === 'YAML') {
    const version = /^[0-9]+\.[0-9]+(?=[\0 \r\n\x85\u2028\u2029])/.exec(reader.text.slice(reader.index))?.[0];
    if (version === undefined) throw new YamlError('%YAML needs a version such as 1.1', reader.index);
    reader.forward(version.length);
    skipRestOfLine(reader, offset);
    return { ...token, argument: version };
  }
  if (value === 'TAG') {
    if (reader.peek() !== '!') throw new YamlError("the handle of a tag starts with '!'", reader.index);
    const handle = scanHandle(reader);
    if (reader.peek() !== ' ') throw new YamlError('a blank must follow the handle of a tag', reader.index);
    skipBlanks();
    const argument = scanUri(reader);
    if (!reader.at(`${endOrBreaks} `)) throw new YamlError('a blank must follow the prefix of a tag', reader.index);
    skipRestOfLine(reader, offset);
    return { ...token, handle, argument };
  }
  while (!reader.at(endOrBreaks)) reader.forward();
  skipRestOfLine(reader, offset);
  return token;
}
