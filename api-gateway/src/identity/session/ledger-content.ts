import { createHash } from 'node:crypto';
import type { Session } from './session.ts';

/** Logins that are remembered as used, and sessions as ended, at most: together they fit in one object of the cluster. */
export const mostUsed = 10_000;
export const mostEnded = 10_000;

/** What all replicas know of logins and sessions. Times are seconds since 1970; keys are hashes, and tell nothing of whom. */
export interface LedgerContent {
  /** What counts once only, and until when it would count. */
  readonly used: ReadonlyMap<string, number>;
  /** Which sessions are over: those that had begun by the first time, remembered until the second. */
  readonly ended: ReadonlyMap<string, readonly [at: number, until: number]>;
  /** Every session that had begun by then is over: what is left when more end than can be remembered. */
  readonly before: number;
}

export const emptyLedger: LedgerContent = { used: new Map(), ended: new Map(), before: 0 };

/** A change: a login that is used, and sessions that end. */
export interface LedgerChange {
  use?: { key: string; until: number };
  end?: { keys: readonly string[]; at: number; until: number };
}

/** What comes of a change: the content after it, or that the login was used before, or that there is no more room for one. */
export type LedgerOutcome = { content: LedgerContent } | 'used' | 'full';

/** A key for what belongs together: the kind, and what tells one from another. */
export function ledgerKey(
  kind: 'session' | 'sid' | 'subject' | 'saml' | 'logout',
  ...parts: readonly string[]
): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest('base64url')
    .slice(0, 22);
}

/** The keys by which a session can be ended. */
export function keysOfSession({ id, provider, sid, subject }: Session): string[] {
  return [
    ledgerKey('session', id),
    ...(provider === undefined ? [] : [ledgerKey('subject', provider, subject)]),
    ...(provider === undefined || sid === undefined ? [] : [ledgerKey('sid', provider, sid)]),
  ];
}

/** Whether a session was ended by somebody: itself, its provider, or because more ended than could be remembered. */
export function isEnded({ ended, before }: LedgerContent, session: Session): boolean {
  if (session.started <= before) return true;
  if (ended.size === 0) return false;
  return keysOfSession(session).some((key) => session.started <= (ended.get(key)?.[0] ?? Number.NEGATIVE_INFINITY));
}

/** The content after a change. What is past is forgotten with it. */
export function changed(former: LedgerContent, { use, end }: LedgerChange, now: number): LedgerOutcome {
  const used = new Map([...former.used].filter(([, until]) => until > now));
  const ended = new Map([...former.ended].filter(([, [, until]]) => until > now));
  let { before } = former;
  if (use !== undefined) {
    if (used.has(use.key)) return 'used';
    // Nothing may be forgotten before its time: it could be used again.
    if (used.size >= mostUsed) return 'full';
    used.set(use.key, use.until);
  }
  if (end !== undefined) {
    for (const key of end.keys) {
      const [at = 0, until = 0] = ended.get(key) ?? [];
      ended.set(key, [Math.max(at, end.at), Math.max(until, end.until)]);
    }
    if (ended.size > mostEnded) {
      // Rather too many sessions are over than too few: people sign in again.
      const oldest = [...ended].toSorted(([, [, a]], [, [, b]]) => a - b).slice(0, mostEnded / 2);
      for (const [key, [at]] of oldest) {
        ended.delete(key);
        before = Math.max(before, Math.min(at, now));
      }
    }
  }
  return { content: { used, ended, before } };
}

/** Both together: what either knows. Of what is remembered nothing is taken back, so an older copy does no harm. */
export function merged(one: LedgerContent, other: LedgerContent, now: number): LedgerContent {
  const ended = new Map(one.ended);
  for (const [key, [at, until]] of other.ended) {
    const [knownAt = 0, knownUntil = 0] = ended.get(key) ?? [];
    ended.set(key, [Math.max(at, knownAt), Math.max(until, knownUntil)]);
  }
  const live = [...ended].filter(([, [, until]]) => until > now);
  return { used: other.used, ended: new Map(live), before: Math.max(one.before, other.before) };
}

/** As it is stored. */
export function writeLedger({ used, ended, before }: LedgerContent): string {
  return JSON.stringify({ before, used: Object.fromEntries(used), ended: Object.fromEntries(ended) });
}

/** What was stored. @throws Error when it is none: whoever wrote it must be asked, nothing may be made of it. */
export function readLedger(text: string | undefined): LedgerContent {
  if (text === undefined || text === '') return emptyLedger;
  const { before, used, ended } = JSON.parse(text) as Record<string, unknown>;
  if (typeof before !== 'number' || !isRecord(used) || !isRecord(ended))
    throw new Error('the ledger of sessions is malformed');
  const pairs = Object.entries(ended).map(([key, value]): [string, readonly [number, number]] => {
    const [at, until] = Array.isArray(value) ? (value as unknown[]) : [];
    if (typeof at !== 'number' || typeof until !== 'number') throw new Error('the ledger of sessions is malformed');
    return [key, [at, until]];
  });
  const times = Object.entries(used).filter((pair): pair is [string, number] => typeof pair[1] === 'number');
  return { before, used: new Map(times), ended: new Map(pairs) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
