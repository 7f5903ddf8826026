import { usageFailure } from '../failure.ts';
import type { Session } from '../session.ts';

/**
 * Asks before something that can't be undone.
 *
 * @returns whether the answer was yes
 * @throws Failure when nobody sits at a terminal: scripts must say `--force`
 */
export async function confirmed({ host }: Session, question: string): Promise<boolean> {
  const answer = await host.ask(`${question} (y/N): `);
  if (answer === undefined) throw usageFailure('--force: must be given: there is no terminal to ask at');
  return /^y(es)?$/i.test(answer.trim());
}
