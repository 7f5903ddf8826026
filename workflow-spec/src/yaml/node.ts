/** A part of a YAML document, with the place where it starts. Aliases are the node that they name. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly tag: string;
  readonly value: string;
  readonly offset: number;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly tag: string;
  readonly items: YamlNode[];
  readonly offset: number;
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly tag: string;
  readonly entries: (readonly [key: YamlNode, value: YamlNode])[];
  readonly offset: number;
}

const prefix = 'tag:yaml.org,2002:';

/** Tags of YAML's own types. */
export const tags = {
  prefix,
  null: `${prefix}null`,
  bool: `${prefix}bool`,
  int: `${prefix}int`,
  float: `${prefix}float`,
  str: `${prefix}str`,
  seq: `${prefix}seq`,
  map: `${prefix}map`,
  timestamp: `${prefix}timestamp`,
  merge: `${prefix}merge`,
  value: `${prefix}value`,
} as const;

// PyYAML's implicit resolvers, in its order.
const resolvers: readonly (readonly [tag: string, pattern: RegExp])[] = [
  [tags.bool, /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/],
  [
    tags.float,
    /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  ],
  [
    tags.int,
    /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  ],
  [tags.merge, /^<<$/],
  [tags.null, /^(?:~|null|Null|NULL|)$/],
  [
    tags.timestamp,
    /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/,
  ],
  [tags.value, /^=$/],
];

/** The tag of a scalar that has neither quotes nor a tag. */
export function resolvePlain(text: string): string {
  return resolvers.find(([, pattern]) => pattern.test(text))?.[0] ?? tags.str;
}
