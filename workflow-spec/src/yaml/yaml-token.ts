export type YamlTokenType =
  | 'streamStart'
  | 'streamEnd'
  | 'directive'
  | 'documentStart'
  | 'documentEnd'
  | 'blockSequenceStart'
  | 'blockMappingStart'
  | 'blockEnd'
  | 'flowSequenceStart'
  | 'flowMappingStart'
  | 'flowSequenceEnd'
  | 'flowMappingEnd'
  | 'key'
  | 'value'
  | 'blockEntry'
  | 'flowEntry'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface YamlToken {
  readonly type: YamlTokenType;
  /** Offset of its first character. */
  readonly offset: number;
  /** Text of a scalar; name of an anchor, alias or directive; suffix of a tag. */
  readonly value: string;
  /** Handle of a tag (`!`, `!!`, `!x!`); undefined for `!<…>` and a lone `!`. For `%TAG` its handle. */
  readonly handle?: string | undefined;
  /** Prefix that `%TAG` gives its handle; version that `%YAML` names. */
  readonly argument?: string;
  /** Of scalars: no quotes and no block style. */
  readonly plain?: boolean;
}

export const lineBreaks = '\r\n\x85\u2028\u2029';
export const endOrBreaks = `\0${lineBreaks}`;
export const endOrBlanks = `\0 \t${lineBreaks}`;

/** What a token is called in messages. */
export const tokenWords: Readonly<Record<YamlTokenType, string>> = {
  streamStart: 'the start',
  streamEnd: 'the end',
  directive: 'a directive',
  documentStart: "'---'",
  documentEnd: "'...'",
  blockSequenceStart: 'a list',
  blockMappingStart: 'a mapping',
  blockEnd: 'less indentation',
  flowSequenceStart: "'['",
  flowMappingStart: "'{'",
  flowSequenceEnd: "']'",
  flowMappingEnd: "'}'",
  key: 'a key',
  value: "':'",
  blockEntry: "'-'",
  flowEntry: "','",
  alias: 'an alias',
  anchor: 'an anchor',
  tag: 'a tag',
  scalar: 'a value',
};
