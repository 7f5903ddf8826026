import { Option } from 'commander';
import { usageFailure } from './failure.ts';
import type { OptionSpec } from './verb.ts';

/** Commander's option of a specification; its value is a text or a list of them, checked. */
export function commanderOption(spec: OptionSpec): Option {
  const { flags, description, choices, type, default: initial } = spec;
  const option = new Option(flags, shownDescription(description, choices));
  // Commander takes --no-label for the opposite of --label; here it is an option with a value.
  if (option.negate && (option.required || option.optional)) option.negate = false;
  if (initial !== undefined) option.default(String(initial));
  if (choices !== undefined || type !== undefined) {
    option.argParser((value: string, before: unknown) => {
      const read = checked(spec, nameOf(option), value);
      // A default of a list is replaced by the first value that is given.
      return option.variadic ? [...(Array.isArray(before) ? before : []), read] : read;
    });
  }
  return option;
}

/** Name of an option as verbs ask for it: `submitted-after`. */
export const nameOf = (option: Option): string =>
  option.long?.replace(/^--/, '') ?? option.short?.replace(/^-/, '') ?? '';

function shownDescription(description: string, choices: readonly string[] | undefined): string {
  return choices === undefined || choices.length > 6 ? description : `${description} (${choices.join(', ')})`;
}

function checked({ choices, type, minimum = 0 }: OptionSpec, name: string, value: string): string {
  const wrong = (allowed: string): Error => usageFailure(`--${name} ${JSON.stringify(value)}: must be ${allowed}`);
  if (choices !== undefined) {
    const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (found === undefined) throw wrong(`one of ${choices.join(', ')}`);
    return found;
  }
  if (type === 'integer' && !(/^\d{1,15}$/.test(value) && Number(value) >= minimum))
    throw wrong(`an integer of ${minimum} or more`);
  if (type === 'date' && !/^\d{4}-\d{2}-\d{2}$/.test(value)) throw wrong('a day as YYYY-MM-DD');
  return value;
}
