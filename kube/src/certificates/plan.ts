import { type Generation, type ReadGeneration, readGeneration, signedByOwnAuthority } from './generation.ts';
import type { CertificatePolicy } from './policy.ts';
import type { StoredGenerations } from './secret.ts';

/** What is known when certificates are decided about. */
export interface CertificateWorld {
  readonly stored: StoredGenerations;
  /** Names that a certificate must be for. */
  readonly names: readonly string[];
  /** Whether certificates are made here; else they are taken as they come. */
  readonly managed: boolean;
  /** PEM bundles of those who are to trust the certificate: whom they trust now. Those without any are ''. */
  readonly bundles: readonly string[];
  readonly policy: CertificatePolicy;
  readonly now: Date;
}

/** What is to be done. */
export interface CertificatePlan {
  /** Why a new generation has to be made; undefined: it hasn't. */
  readonly issue?: string;
  /** What to keep beside the new one. */
  readonly keep?: Generation;
  /** What to serve; undefined: nothing that is there can be. */
  readonly serve?: ReadGeneration;
  /** What is wrong with what is there, for whoever has to mend it. */
  readonly problem?: string;
  /** What they should trust, PEM; undefined: as it is. */
  readonly bundle?: string;
  /** When to look again, if nothing changes before. */
  readonly wakeAt: Date;
}

const mostMs = 12 * 3600 * 1000;

/**
 * Decides what is made, served and trusted. A new certificate is trusted before it is served, and an old one is trusted as
 * long as it may be served by somebody: so nobody who follows the bundle meets a certificate that they don't trust.
 */
export function planCertificates(world: CertificateWorld): CertificatePlan {
  return world.managed ? planManaged(world) : planExternal(world);
}

/** cert-manager renews in place, and its injector keeps the bundles: what is there is served. */
function planExternal({ stored, now }: CertificateWorld): CertificatePlan {
  const read = stored.newest === undefined ? 'it holds no certificate yet' : readGeneration(stored.newest);
  const wakeAt = new Date(now.getTime() + mostMs);
  return typeof read === 'string' ? { problem: read, wakeAt } : { serve: read, wakeAt };
}

function planManaged(world: CertificateWorld): CertificatePlan {
  const { stored, now, policy } = world;
  const [newest, previous] = [usable(stored.newest, world), usable(stored.previous, world)];
  const wakeAt = (ms: number): Date => new Date(Math.min(now.getTime() + mostMs, Math.max(ms, now.getTime() + 1000)));
  if (typeof newest === 'string') {
    const keep = typeof previous === 'string' ? {} : { keep: previous, serve: previous };
    return { ...keep, issue: newest, wakeAt: now };
  }
  const renewAt = newest.notAfter.getTime() - policy.renewBeforeMs;
  const others = typeof previous === 'string' ? [] : [previous];
  const bundle = bundleOf([newest, ...others]);
  if (renewAt <= now.getTime()) {
    const serve = servedOf(newest, others[0], world);
    return { issue: 'it is about to run out', keep: newest, serve, bundle, wakeAt: now };
  }
  const settledAt = issuedAt(newest, policy) + policy.settleMs;
  const serve = servedOf(newest, others[0], world);
  const next = serve === newest ? renewAt : settledAt;
  return { serve, bundle, wakeAt: wakeAt(Math.min(next, renewAt)) };
}

/** The newest, unless it isn't known everywhere yet and there is another. */
function servedOf(newest: ReadGeneration, previous: ReadGeneration | undefined, world: CertificateWorld) {
  if (previous === undefined) return newest;
  const settled = issuedAt(newest, world.policy) + world.policy.settleMs <= world.now.getTime();
  return settled && world.bundles.every((bundle) => trusts(bundle, newest)) ? newest : previous;
}

const issuedAt = ({ notBefore }: ReadGeneration, { backdateMs }: CertificatePolicy): number =>
  notBefore.getTime() + backdateMs;

/** A generation that can be served now and for all names, or why not. */
function usable(generation: Generation | undefined, { names, now }: CertificateWorld): ReadGeneration | string {
  if (generation === undefined) return 'there is none';
  const read = readGeneration(generation);
  if (typeof read === 'string') return read;
  if (!signedByOwnAuthority(read)) return 'tls.crt is not signed by ca.crt';
  if (read.notAfter <= now) return 'it has run out';
  const missing = names.find((name) => !read.covers(name));
  return missing === undefined ? read : `it is not for ${missing}`;
}

/** Authorities one after the other, each once. */
export function bundleOf(generations: readonly Generation[]): string {
  return [...new Set(generations.map(({ ca }) => `${ca.trim()}\n`))].join('');
}

/** Whether a bundle has the authority of a generation. */
export const trusts = (bundle: string, { ca }: Generation): boolean => bundle.includes(ca.trim());
