import { KubeError } from '../client/errors.ts';

/** The error that a request fails with. @throws what else it ends with, or that it did not fail. */
export async function failureOf(request: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await request.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof KubeError)) throw error;
  return error;
}
