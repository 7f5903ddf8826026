/** What the caller's body threw, to be told from what the service did. */
export class BodyFailure extends Error {
  override readonly name = 'BodyFailure';
}

/** The caller's body, whose errors can be told from others. */
export async function* marked<T>(body: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* body;
  } catch (error) {
    throw new BodyFailure('the body failed', { cause: error });
  }
}

/** What was read already, and then the rest. */
export async function* prepended<T>(first: T, rest: AsyncIterator<T>): AsyncGenerator<T> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
