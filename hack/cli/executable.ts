import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { removeSignature, signAdHoc } from './mac/ad-hoc-signature.ts';
import { insertSection } from './mac/insert-section.ts';

/** By which Node finds the program in its own file; the documentation of single executable applications has all of these names. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const resource = 'NODE_SEA_BLOB';
const machO = { segment: 'NODE_SEA', section: `__${resource}` };

/** What postject exports; it has no types. */
type Inject = (file: string, name: string, data: Buffer, options: { sentinelFuse: string }) => Promise<void>;

/**
 * Makes an executable file of Node and a program in it: complete, or not there at all; one that runs goes on undisturbed.
 *
 * @param os of the executable, as `process.platform` has it
 * @throws MachOError, Error when that Node can't take a program in
 */
export async function makeExecutable(options: {
  node: string;
  blob: Buffer;
  os: string;
  target: string;
}): Promise<void> {
  const { node, blob, os, target } = options;
  const draft = `${target}.part`;
  try {
    if (os === 'darwin') {
      writeFileSync(draft, macExecutable(readFileSync(node), blob), { mode: 0o755 });
    } else {
      copyFileSync(node, draft);
      const { inject } = createRequire(import.meta.url)('postject') as { inject: Inject };
      await inject(draft, resource, blob, { sentinelFuse: fuse });
    }
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Node for macOS with a program in it, signed ad hoc: its own signature would be broken by what is put in, and without one a Mac with
 * Apple's processor starts nothing. postject isn't used here: it leaves the segment that it adds uncounted, and macOS 27 refuses that.
 *
 * @throws Error when that Node doesn't look for a program in its own file, or has one
 */
export function macExecutable(node: Buffer, blob: Buffer): Buffer {
  const bare = Buffer.from(removeSignature(node));
  const at = bare.indexOf(`${fuse}:0`);
  if (at === -1 || bare.includes(fuse, at + fuse.length)) throw new Error(`${fuse}:0 is not in that Node, once`);
  bare.write('1', at + fuse.length + 1);
  return signAdHoc(insertSection(bare, machO, blob), { identifier: 'osmo' });
}
