import { Failure } from '../../failure.ts';
import type { Session } from '../../session.ts';

/**
 * Does something to workflows one after the other. A refusal of one is told and the others go on, as upstream does: the command ends well
 * nevertheless. What isn't about one workflow (no connection, no login, a server that fails) ends the command.
 */
export async function forEach<T>(
  session: Session,
  ids: readonly string[],
  act: (id: string) => Promise<T>,
): Promise<{ id: string; answer: T }[]> {
  const done: { id: string; answer: T }[] = [];
  for (const id of ids) {
    try {
      done.push({ id, answer: await act(id) });
    } catch (error) {
      if (!(error instanceof Failure) || error.code < 400 || error.code >= 429 || error.code === 401) throw error;
      session.note(`Error message: ${error.message}\nError code: ${error.code}`);
    }
  }
  return done;
}
