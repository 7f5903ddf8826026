import type * as HashWasm from 'hash-wasm';
import { createRequire } from 'node:module';

/** Bytes of a digest. */
export const digestBytes = 32;

/** What hashes: BLAKE3 with 32 bytes. */
export interface Blake3 {
  /** Machine code, or the slower portable form; both give the same. */
  kind: 'native' | 'wasm';
  digest(bytes: Uint8Array): Buffer;
}

type Wasm = Pick<typeof HashWasm, 'createBLAKE3'>;

/**
 * Loads BLAKE3: the addon of the npm package where packages are, the file `blake3.node` that lies beside a bundled program
 * (hack/install/bundle.ts puts it there), else WebAssembly, which is part of every bundle: an executable of one file has no other.
 */
export async function loadBlake3(options: { portable?: boolean | undefined } = {}): Promise<Blake3> {
  const native = options.portable === true ? undefined : loadNative();
  if (native !== undefined) return native;
  const module: Partial<Wasm> & { default: Wasm } = await import('hash-wasm');
  // A bundler that takes the form for scripts puts everything below `default`.
  const hasher = await (module.createBLAKE3 ?? module.default.createBLAKE3)();
  return { kind: 'wasm', digest: (bytes) => Buffer.from(hasher.init().update(bytes).digest('binary')) };
}

interface Addon {
  Blake3Hasher: new () => Hasher;
}

interface Hasher {
  reset(): void;
  update(bytes: Uint8Array): unknown;
  digest(form: 'hex'): string;
}

/** By way of text: the addon's buffers lie outside of the heap, and a million of them that live make every collection slow. */
function digestBy(hasher: Hasher, bytes: Uint8Array): Buffer {
  hasher.reset();
  hasher.update(bytes);
  return Buffer.from(hasher.digest('hex'), 'hex');
}

function loadNative(): Blake3 | undefined {
  // Names that a bundler doesn't follow: it has no form for machine code.
  for (const name of ['./blake3.node', '@napi-rs/blake-hash']) {
    try {
      const { Blake3Hasher } = createRequire(import.meta.url)(name) as Addon;
      const hasher = new Blake3Hasher();
      return { kind: 'native', digest: (bytes) => digestBy(hasher, bytes) };
    } catch {
      // The next one, and in the end the portable one.
    }
  }
  return undefined;
}
