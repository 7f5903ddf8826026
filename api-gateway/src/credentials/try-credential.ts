import { type Outgoing, OutgoingError } from '@osmo/kube/outgoing';
import { profileOf } from '@osmo/storage';
import { RequestError } from '../http/errors.ts';
import { probeBucket } from './bucket-probe.ts';
import type { Trial } from './payload.ts';
import { loginAtRegistry, type Verdict } from './registry-login.ts';
import { coversRegistry, coversScheme, type CredentialSwitches } from './switches.ts';

/** For a whole trial. */
const longestMs = 15_000;

/**
 * Tries a credential where it is for: a login at the registry, a look into the bucket. Not where an administrator has switched it off.
 *
 * @throws RequestError 400 (CREDENTIAL) when it is refused, or nobody could be asked; the signal's reason
 */
export async function tryCredential(
  trial: Trial | undefined,
  { outgoing, switches }: { outgoing: Pick<Outgoing, 'fetch' | 'check'>; switches: CredentialSwitches },
  signal: AbortSignal,
): Promise<void> {
  if (trial === undefined) return;
  const isRegistry = trial.kind === 'registry';
  if (isRegistry ? coversRegistry(switches.registries, trial.scope) : coversScheme(switches.schemes, trial.url)) return;
  const what = isRegistry ? `registry ${trial.scope}` : `bucket ${profileOf(trial.url)}`;
  const off = isRegistry ? 'credentials.disableRegistryValidation' : 'credentials.disableDataValidation';
  const until = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
  let verdict: Verdict | undefined;
  try {
    verdict = await (isRegistry ? loginAtRegistry(outgoing, trial, until) : probeBucket(outgoing, trial, until));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OutgoingError) && !until.aborted) throw error;
    const why = error instanceof OutgoingError ? error.message : `no answer within ${longestMs / 1000} s`;
    throw new RequestError(
      400,
      'CREDENTIAL',
      `${what}: could not be asked whether it takes the credential: ${why}. Nothing was kept; an administrator can have it not asked (${off})`,
    );
  }
  if (verdict === undefined || verdict.ok) return;
  throw new RequestError(400, 'CREDENTIAL', `${what}: ${verdict.said}. Nothing was kept`);
}
