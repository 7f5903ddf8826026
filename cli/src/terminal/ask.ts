import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/**
 * Asks whoever sits at the terminal, on standard error so that a result in a pipe stays clean.
 *
 * @param hidden whether what is typed isn't shown
 * @returns one line; undefined when nobody can be asked, or whoever was asked has closed the input
 */
export function ask(question: string, { hidden = false } = {}): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return Promise.resolve(undefined);
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stderr;
  const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
  return new Promise((resolve) => {
    lines.on('close', () => {
      if (hidden) stderr.write('\n');
      resolve(undefined);
    });
    // The terminal is in raw mode: Ctrl-C is a key there, and no signal. Whoever listens for the signal ends the process, before this
    // question is over: at the second one, at once.
    lines.on('SIGINT', () => {
      stdin.setRawMode(false);
      if (process.emit('SIGINT')) process.emit('SIGINT');
      else lines.close();
    });
    if (hidden) stderr.write(question);
    lines.question(hidden ? '' : question, (line) => {
      resolve(line);
      lines.close();
    });
  });
}
