import { Argument, Command, Option } from 'commander';
import { commanderOption } from './option.ts';
import { ExitCodes } from './exit-codes.ts';
import type { OptionSpec, Verb } from './verb.ts';

/** A word before verbs, as `workflow` in `osmo workflow submit`. */
export interface Group {
  name: string;
  summary: string;
}

export interface ProgramSource {
  groups: readonly Group[];
  verbs: readonly Verb[];
  write: { out: (text: string) => void; err: (text: string) => void };
  /** Name that the program was started as. */
  name: string;
  version: string;
}

/** Called with the command that the words of a command line lead to. */
export type Chosen = (verb: Verb, command: Command) => void;

/** Options of every command. */
export const commonOptions: readonly OptionSpec[] = [
  { flags: '--context <name>', description: 'gateway and login to use, instead of the current ones' },
];

/** The options of a verb: its own, how its result is printed, and those of every command. */
export function optionsOf(verb: Verb): OptionSpec[] {
  const own = verb.options ?? [];
  const { formats } = verb;
  if (formats === undefined) return [...own, ...commonOptions];
  const taken = (short: string): boolean => own.some(({ flags }) => flags.startsWith(`${short},`));
  const output = taken('-o') ? '--output' : '-o, --output';
  const type = verb.formatType === 'long' || taken('-t') ? '--format-type' : '-t, --format-type';
  return [
    ...own,
    { flags: `${output} <format>`, description: 'how to print', choices: formats },
    { flags: `${type} <format>`, description: 'how to print, in the words of upstream', choices: ['json', 'text'] },
    ...commonOptions,
  ];
}

/** The whole command line; reading one calls `chosen` once, or throws commander's error with its output already written. */
export function newProgram({ groups, verbs, write, name, version }: ProgramSource, chosen: Chosen): Command {
  const program = new Command(name)
    .description('OSMO: workflows of robotics and physical AI')
    .version(version, '--version', 'print the version of this program')
    .addOption(new Option('--log-level <level>', 'how much to tell').choices(logLevels).default('INFO').hideHelp());
  settle(program, write, name);
  const parents = new Map<string, Command>();
  for (const group of groups) {
    const command = program.command(group.name).description(group.summary);
    settle(command, write, `${name} ${group.name}`);
    parents.set(group.name, command);
  }
  for (const verb of verbs) {
    const [first = '', second] = verb.path;
    const parent = second === undefined ? program : parents.get(first);
    if (parent === undefined) throw new Error(`${first} is no group of verbs`);
    const command = parent.command(second ?? first).summary(verb.summary);
    command.description(verb.description === undefined ? `${verb.summary}.` : `${verb.summary}. ${verb.description}`);
    settle(command, write, [name, ...verb.path].join(' '));
    for (const { name: argument, description, optional = false } of verb.arguments ?? [])
      command.addArgument(new Argument(optional ? `[${argument}]` : `<${argument}>`, description));
    for (const option of optionsOf(verb)) command.addOption(commanderOption(option));
    command.addHelpText('after', examplesOf(verb));
    command.action(() => chosen(verb, command));
  }
  return program;
}

const logLevels = ['CRITICAL', 'FATAL', 'ERROR', 'WARNING', 'WARN', 'INFO', 'DEBUG'];

/** @param words that lead to the command, as one types them */
function settle(command: Command, { out, err }: ProgramSource['write'], words: string): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .showHelpAfterError(`Run "${words} --help" to see how it is used.`);
}

function examplesOf({ examples }: Verb): string {
  const lines = examples.map(([command, what]) => `  osmo ${command}\n      ${what}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

/** What the process ends with after commander has thrown: help that was asked for is no error. */
export function exitCodeOf(commanderCode: string): number {
  return ['commander.helpDisplayed', 'commander.version'].includes(commanderCode) ? ExitCodes.ok : ExitCodes.usage;
}
