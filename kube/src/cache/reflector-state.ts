import { KubeError, TransportReason } from '../client/errors.ts';

/** Where a reflector is. Plain data: what comes next is decided by `transition` alone. */
export interface ReflectorState {
  /**
   * 'list': read all pages, then watch. 'stream': let one watch send the current state, then go on with it (WatchList).
   * 'watch': follow changes from `resourceVersion`.
   */
  phase: 'list' | 'stream' | 'watch';
  /** Version that the cache is at; '' before the first full state. */
  resourceVersion: string;
  /** Whether the server can stream the state; 'later' = something failed, list this time. */
  streaming: 'yes' | 'later' | 'never';
  /** false after a list's continue token expired between pages: then all is read in one page. */
  paged: boolean;
  /** Failures since a watch last brought something. */
  failures: number;
  /** When the last full state was complete, ms since the epoch. */
  fullAt: number;
}

export type ReflectorInput =
  /** All pages of a list are in the cache. */
  | { type: 'listed'; resourceVersion: string; now: number }
  /** The bookmark that ends the streamed state came. */
  | { type: 'streamed'; resourceVersion: string; now: number }
  /** An event or bookmark of a watch is in the cache. */
  | { type: 'progressed'; resourceVersion: string }
  /** The server ended the watch properly. */
  | { type: 'ended'; livedMs: number; now: number }
  | { type: 'failed'; failure: FailureKind; livedMs: number; now: number };

/**
 * 'expired': our version is gone, list anew. 'unsupported': the server does not do WatchList. 'corrupt': what came can't be
 * read, or not in this order. 'broken': anything that a new connection may cure.
 */
export type FailureKind = 'expired' | 'unsupported' | 'corrupt' | 'disordered' | 'broken';

export interface Transition {
  state: ReflectorState;
  /** Wait, growing with `state.failures`, before going on. */
  pause: boolean;
}

/** A watch that lived this long did its work, however it ended. */
const longLifeMs = 5_000;
/** So many unreadable answers from the same version: the list may be readable where the event is not. */
const corruptLimit = 3;

export function initialState(options: { watchList: boolean }): ReflectorState {
  const streaming = options.watchList ? 'yes' : 'never';
  return { phase: startPhase(streaming), resourceVersion: '', streaming, paged: true, failures: 0, fullAt: 0 };
}

/**
 * The next state. Never an end: every failure leads to another attempt.
 *
 * @param verifyAfterMs a full state older than this is read again when the watch ends, against silent drift.
 */
export function transition(state: ReflectorState, input: ReflectorInput, verifyAfterMs: number): Transition {
  switch (input.type) {
    case 'listed':
    case 'streamed':
      return {
        state: {
          ...state,
          phase: 'watch',
          resourceVersion: input.resourceVersion,
          streaming: state.streaming === 'later' ? 'yes' : state.streaming,
          paged: true,
          fullAt: input.now,
        },
        pause: false,
      };
    case 'progressed':
      return { state: { ...state, resourceVersion: input.resourceVersion, failures: 0 }, pause: false };
    case 'ended': {
      // A stream that ends before the state is complete has failed, politely.
      if (state.phase === 'stream') return retry({ ...state, streaming: 'later', phase: 'list' });
      const useful = state.failures === 0 && input.livedMs >= 1_000;
      const next = { ...state, phase: nextPhase(state, input.now, verifyAfterMs) };
      return useful || input.livedMs >= longLifeMs ? { state: { ...next, failures: 0 }, pause: false } : retry(next);
    }
    case 'failed':
      return afterFailure(state, input, verifyAfterMs);
  }
}

function afterFailure(
  state: ReflectorState,
  input: Extract<ReflectorInput, { type: 'failed' }>,
  verifyAfterMs: number,
): Transition {
  const { failure } = input;
  if (state.phase === 'stream') {
    const streaming = failure === 'unsupported' ? 'never' : 'later';
    const next: ReflectorState = { ...state, streaming, phase: 'list' };
    return failure === 'unsupported' ? { state: next, pause: false } : retry(next);
  }
  if (state.phase === 'list') {
    return retry({ ...state, paged: failure === 'expired' ? false : state.paged });
  }
  const lived = input.livedMs >= longLifeMs ? { ...state, failures: 0 } : state;
  const hopeless = failure === 'corrupt' && lived.failures + 1 >= corruptLimit;
  if (failure === 'expired' || failure === 'disordered' || hopeless) {
    // At once the first time: the cache is behind, and the list is what will cure it.
    const next = { ...lived, phase: startPhase(lived.streaming), failures: lived.failures + 1 };
    return { state: next, pause: lived.failures > 0 };
  }
  return retry({ ...lived, phase: nextPhase(lived, input.now, verifyAfterMs) });
}

const retry = (state: ReflectorState): Transition => ({
  state: { ...state, failures: state.failures + 1 },
  pause: true,
});

const startPhase = (streaming: ReflectorState['streaming']): 'list' | 'stream' =>
  streaming === 'yes' ? 'stream' : 'list';

function nextPhase(state: ReflectorState, now: number, verifyAfterMs: number): ReflectorState['phase'] {
  if (state.phase !== 'watch') return state.phase;
  return now - state.fullAt >= verifyAfterMs ? startPhase(state.streaming) : 'watch';
}

/** What an error of a list or watch means for a reflector. */
export function failureKind(error: unknown, phase: ReflectorState['phase']): FailureKind {
  if (!(error instanceof KubeError)) return 'broken';
  const { status, reason } = error;
  if (status === 410) return 'expired';
  // The server is behind us: it was restored from a backup, so our version means nothing any more.
  if (error.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge')) return 'expired';
  if (phase === 'stream' && (status === 400 || status === 422)) return 'unsupported';
  if (status === 0 && (reason === TransportReason.malformed || reason === TransportReason.tooLarge)) return 'corrupt';
  return 'broken';
}
