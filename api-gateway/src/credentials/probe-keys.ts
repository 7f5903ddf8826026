import { type Outgoing, OutgoingError } from '@osmo/kube/outgoing';
import { probeBucket } from './bucket-probe.ts';
import { coversScheme, type CredentialSwitches } from './switches.ts';

/** For one look into a bucket while somebody waits for something else. */
const longestMs = 3_000;

/**
 * Tries keys where they are for, in passing: what the store says against them; undefined when it takes them, when nobody is to ask, and when
 * it could not be asked in time or from here. A store that only the backend reaches is no reason to talk.
 *
 * @param within a signal that aborts after so many milliseconds
 * @throws the signal's reason
 */
export async function probeKeys(
  trial: { url: string; fields: Readonly<Record<string, string>> },
  {
    outgoing,
    switches,
    within = (ms) => AbortSignal.timeout(ms),
  }: { outgoing: Pick<Outgoing, 'fetch'>; switches: CredentialSwitches; within?: (ms: number) => AbortSignal },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (coversScheme(switches.schemes, trial.url)) return undefined;
  const until = AbortSignal.any([signal, within(longestMs)]);
  try {
    const verdict = await probeBucket(outgoing, trial, until);
    return verdict === undefined || verdict.ok || verdict.unsure === true ? undefined : verdict.said;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof OutgoingError || error instanceof RangeError || until.aborted) return undefined;
    throw error;
  }
}
