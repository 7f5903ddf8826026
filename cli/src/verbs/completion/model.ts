import { optionsOf } from '../../program.ts';
import type { Group } from '../../program.ts';
import type { OptionSpec, Verb } from '../../verb.ts';

/** What a shell completes. */
export interface Completed {
  /** First words: groups and commands of one word. */
  words: readonly Word[];
  verbs: readonly CompletedVerb[];
}

export interface Word {
  name: string;
  summary: string;
}

export interface CompletedVerb {
  path: readonly string[];
  summary: string;
  options: readonly CompletedOption[];
  /** Values of its first argument, as far as they are known. */
  values: readonly string[];
  /** Whether an argument may be a file. */
  files: boolean;
}

export interface CompletedOption {
  /** `-n`, `--name`. */
  names: readonly string[];
  description: string;
  /** Undefined for an option without a value. */
  value: { choices: readonly string[]; files: boolean; many: boolean } | undefined;
}

/** What shells complete of commands: the same records as `--help` is made of. */
export function completed(groups: readonly Group[], verbs: readonly Verb[]): Completed {
  const alone = verbs.filter(({ path }) => path.length === 1);
  return {
    words: [
      ...groups.map(({ name, summary }) => ({ name, summary })),
      ...alone.map(({ path, summary }) => ({ name: path[0] ?? '', summary })),
    ],
    verbs: verbs.map((verb) => ({
      path: verb.path,
      summary: verb.summary,
      options: [...optionsOf(verb), { flags: '-h, --help', description: 'show help' }].map(optionOf),
      values: verb.arguments?.[0]?.choices ?? [],
      files: verb.arguments?.some(({ name }) => /file|folder|path/.test(name)) ?? false,
    })),
  };
}

function optionOf({ flags, description, choices = [] }: OptionSpec): CompletedOption {
  const names = flags.split(/[ ,]+/).filter((word) => word.startsWith('-'));
  const [, value] = /[<[](.+)[>\]]/.exec(flags) ?? [];
  if (value === undefined) return { names, description, value: undefined };
  return {
    names,
    description,
    value: { choices, files: /file|folder|path/.test(value), many: value.endsWith('...') },
  };
}

/** Name of a verb in one word, for functions and cases: `workflow list`. */
export const nameOf = ({ path }: CompletedVerb): string => path.join(' ');

/** Verbs of a group. */
export const verbsOf = (verbs: readonly CompletedVerb[], group: string): readonly CompletedVerb[] =>
  verbs.filter(({ path }) => path.length === 2 && path[0] === group);
