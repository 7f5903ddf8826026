import type { Command } from 'commander';
import { usageFailure } from './failure.ts';
import { nameOf } from './option.ts';
import type { Input, OutputFormat, Verb } from './verb.ts';

/** What a command was called with, of what commander has read. */
export function inputOf(command: Command, verb: Verb): Input {
  const values = new Map<string, unknown>(
    command.options.map((option) => [nameOf(option), command.getOptionValue(option.attributeName())]),
  );
  const valueOf = (name: string): unknown => {
    if (!values.has(name)) throw new Error(`${verb.path.join(' ')} has no option --${name}`);
    return values.get(name);
  };
  const text = (name: string): string | undefined => {
    const value = valueOf(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    args: command.args,
    format: formatOf(verb, values),
    command: verb.path.join('-'),
    text,
    texts(name) {
      const value = valueOf(name);
      return Array.isArray(value) ? (value as string[]) : [];
    },
    integer(name) {
      const value = text(name);
      return value === undefined ? undefined : Number(value);
    },
    flag: (name) => valueOf(name) === true,
  };
}

/** The format that was asked for, in our way (`--output`) or upstream's (`--format-type`). */
function formatOf(verb: Verb, values: ReadonlyMap<string, unknown>): OutputFormat {
  const output = values.get('output') as OutputFormat | undefined;
  const upstream = values.get('format-type') as 'json' | 'text' | undefined;
  if (output !== undefined && upstream !== undefined && output !== upstream)
    throw usageFailure(`${verb.path.join(' ')}: --output ${output} and --format-type ${upstream}: give one of them`);
  return output ?? upstream ?? 'text';
}
