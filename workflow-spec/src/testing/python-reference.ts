import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the recipes are held to. A change here changes the folder in the cache. */
const packages = ['Jinja2==3.1.6', 'MarkupSafe==3.0.3', 'PyYAML==6.0.3'] as const;

/** One question to the reference; see python-reference.py. */
export type Question =
  | { readonly kind: 'render'; readonly template: string; readonly values: string }
  | { readonly kind: 'load'; readonly text: string };

/** `text`: what was printed. `error`: the exception. */
export interface Answer {
  readonly text?: string;
  readonly error?: string;
}

/** The real Jinja2 and PyYAML, in a virtual environment in the user's cache that is made when it isn't there. */
export class PythonReference {
  readonly #python: string;

  private constructor(python: string) {
    this.#python = python;
  }

  /** @throws Error with the output of the program that failed */
  static install(): PythonReference {
    return new PythonReference(pythonWith(packages));
  }

  /** The answers, in the order of the questions. */
  ask(questions: readonly Question[]): Answer[] {
    const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
    const script = fileURLToPath(new URL('./python-reference.py', import.meta.url));
    const lines = run(this.#python, ['-I', script], input).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Answer);
  }
}

/**
 * Path of a Python that has these packages of PyPI (`NAME==VERSION`): of a virtual environment in the user's cache, which is made when it
 * isn't there.
 *
 * @throws Error with the output of the program that failed
 */
export function pythonWith(wanted: readonly string[]): string {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'osmo');
  const directory = join(cache, `python-reference-${wanted.map((name) => name.replace('==', '-')).join('-')}`);
  const python = join(directory, 'bin/python');
  if (existsSync(python)) return python;
  mkdirSync(cache, { recursive: true });
  // Made beside it and moved in one step, so that nobody sees half of one.
  const fresh = mkdtempSync(join(cache, 'python-reference-new-'));
  run('python3', ['-m', 'venv', fresh]);
  const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
  run(join(fresh, 'bin/python'), ['-m', 'pip', 'install', ...options, ...wanted]);
  try {
    renameSync(fresh, directory);
  } catch (error) {
    // Somebody else was faster.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(python)) throw error;
  }
  return python;
}

function run(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}
