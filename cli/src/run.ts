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
    program.parse([...words], { from: 'user' });
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
