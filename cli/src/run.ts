import { type Command, CommanderError } from 'commander';
import { ExitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import type { Host } from './host.ts';
import { inputOf } from './input.ts';
import { exitCodeOf, newProgram } from './program.ts';
import { rewritten } from './rewrite.ts';
import { newSession } from './session.ts';
import type { OutputFormat, Verb } from './verb.ts';
import { groups, verbs } from './verbs/index.ts';
import { version } from './version.ts';

/**
 * Runs one command line (without the names of the interpreter and the program) and gives what the process ends with. Nothing is
 * thrown: what went wrong is written to standard error, or, where JSON was asked for, to standard output as `{"message", "code"}`.
 */
export async function run(argv: readonly string[], host: Host, name = 'osmo'): Promise<number> {
  const write = { out: (text: string) => host.out.write(text), err: (text: string) => host.err.write(text) };
  let call: { verb: Verb; command: Command } | undefined;
  const program = newProgram({ groups, verbs, write, name, version }, (verb, command) => (call = { verb, command }));
  const words = rewritten(argv);
  let format: OutputFormat = wantsJson(words) ? 'json' : 'text';
  try {
    program.parse(withoutVainHelp(words, program), { from: 'user' });
    if (call === undefined) return ExitCodes.usage;
    const { verb, command } = call;
    const input = inputOf(command, verb);
    ({ format } = input);
    await verb.run(newSession(host, input.text('context')), input);
    return ExitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOf(error.code);
    if (host.signal.aborted) return ExitCodes.interrupted;
    const failure = error instanceof Failure ? error : undefined;
    report(failure?.message ?? described(error), failure?.code ?? 1, format, host);
    return failure?.exitCode ?? ExitCodes.usage;
  }
}

/**
 * The words without the wish for help where they lead to no command: what is wrong with them is the answer, not the help of what is
 * above.
 */
function withoutVainHelp(words: readonly string[], program: Command): string[] {
  let at: Command = program;
  for (const [index, word] of words.entries()) {
    // A value of the only option that may stand before a command.
    if (word === '--' || at.commands.length === 0) break;
    if (word.startsWith('-') || words[index - 1] === '--log-level') continue;
    const next = at.commands.find((command) => command.name() === word);
    if (next === undefined) return words.filter((each) => each !== '--help' && each !== '-h');
    at = next;
  }
  return [...words];
}

function report(message: string, code: number, format: OutputFormat, host: Host): void {
  if (format === 'json') host.out.write(`${JSON.stringify({ message, code }, null, 2)}\n`);
  else host.err.write(`Error message: ${message}\nError code: ${code}\n`);
}

/** Whether JSON is asked for, before the command line was read: its own mistakes are told in JSON too. */
function wantsJson(words: readonly string[]): boolean {
  return words.some((word, index) => {
    const value = /^--(?:output|format-type)=(.*)$/.exec(word)?.[1];
    const flag = ['-o', '--output', '-t', '--format-type'].includes(word);
    return (value ?? (flag ? words[index + 1] : undefined)) === 'json';
  });
}

const described = (error: unknown): string => (error instanceof Error ? error.message : String(error));
