import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DataContext } from '../data/context.ts';
import type { TransferPlan } from '../plan/index.ts';

/** A pod's folders and object storage, both in a temporary folder. */
export class Place {
  readonly root: string;
  readonly said: string[] = [];
  /** Pauses that were asked for, ms; each passes at once. */
  readonly pauses: number[] = [];

  static async make(): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), 'osmo-runtime-')));
  }

  private constructor(root: string) {
    this.root = root;
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }

  /** URL of a folder of the store. */
  url(name: string): string {
    return `file://${join(this.root, 'store', name)}`;
  }

  path(name: string): string {
    return join(this.root, name);
  }

  async write(files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      // oxlint-disable-next-line no-await-in-loop
      await mkdir(dirname(join(this.root, name)), { recursive: true });
      // oxlint-disable-next-line no-await-in-loop
      await writeFile(join(this.root, name), text);
    }
  }

  /** Contents by path of all files below a folder; none when it isn't there. */
  async read(name: string): Promise<Record<string, string>> {
    const folder = join(this.root, name);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const read = await Promise.all(
      files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')]),
    );
    return Object.fromEntries(read.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))) as Record<string, string>;
  }

  context(plan: Partial<TransferPlan>, more: Partial<DataContext> = {}): DataContext {
    return {
      plan: { version: 1, inputs: [], outputs: [], checkpoints: [], ...plan },
      folders: {
        input: this.path('input'),
        output: this.path('output'),
        credentials: this.path('credentials'),
        checkpoints: this.path('shared'),
      },
      environment: {},
      kept: {},
      now: () => new Date(0),
      sleep: (ms, signal) => {
        this.pauses.push(ms);
        return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve();
      },
      say: (line) => void this.said.push(line),
      ...more,
    };
  }
}
