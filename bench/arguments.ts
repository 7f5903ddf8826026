import { parseArgs } from 'node:util';

export interface Arguments {
  /** Names of the benches to run, in the order of `known`; all when none was named. */
  names: string[];
  output: 'text' | 'json';
  kubeconfig?: string;
  up: boolean;
  list: boolean;
  /** Only say how it is used. */
  help: boolean;
  /** Size of the sweep. */
  tasks?: number;
}

/**
 * Reads the command line.
 *
 * @throws Error that names the argument and what is allowed.
 */
export function parseArguments(argv: readonly string[], known: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o', default: 'text' },
      kubeconfig: { type: 'string' },
      up: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      tasks: { type: 'string' },
    },
  });
  const { output } = values;
  if (output !== 'text' && output !== 'json') throw new Error(`-o ${output}: want text or json`);
  const tasks = values.tasks === undefined ? undefined : Number(values.tasks);
  if (tasks !== undefined && !(Number.isInteger(tasks) && tasks >= 100 && tasks <= 10_000)) {
    throw new Error(`--tasks ${values.tasks}: want an integer from 100 to 10000`);
  }
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  return {
    names: positionals.length === 0 ? [...known] : known.filter((name) => positionals.includes(name)),
    output,
    up: values.up,
    list: values.list,
    help: values.help,
    ...(tasks !== undefined && { tasks }),
    ...(values.kubeconfig !== undefined && { kubeconfig: values.kubeconfig }),
  };
}
