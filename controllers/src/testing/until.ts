/** Waits until a state is reached, looking again every few milliseconds; fails with what was there instead. */
export async function until<T>(
  read: () => T | Promise<T>,
  holds: (state: T) => boolean,
  timeoutMs = 10_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const state = await read();
    if (holds(state)) return state;
    if (Date.now() > end)
      throw new Error(`not reached within ${timeoutMs} ms; last: ${JSON.stringify(state, undefined, 1)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
