import { expect, test } from '@jest/globals';
import { PartSlots, sendParts } from './send-parts.ts';

async function* partsOf(count: number, onTaken: (index: number) => void = () => undefined): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    onTaken(index);
    yield Buffer.from([index]);
  }
}
/** Promises that end when they are told to. */
const gates = () => {
  const open: (() => void)[] = [];
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      open.push(resolve);
    });
  return { open, wait };
};
const settle = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

test('sends as many at once as there are slots and one more, and takes one part beyond', async () => {
  const { open, wait } = gates();
  let taken = 0;
  const work = sendParts(
    partsOf(10, () => (taken += 1)),
    { slots: new PartSlots(2), signal: undefined },
    async (part, index) => {
      await wait();
      return `${index}:${part[0]}`;
    },
  );
  await settle();
  expect([open.length, taken]).toEqual([3, 4]);
  // In whatever order they end, the answers are in that of the parts.
  for (let ended = 0; ended < 10; ended++) {
    open.pop()?.();
    await settle();
    expect(open.length).toBeLessThanOrEqual(3);
  }
  expect(await work).toEqual({ size: 10, sent: Array.from({ length: 10 }, (_, index) => `${index}:${index}`) });
});

test('several uploads share the slots, and none waits for another to begin', async () => {
  const slots = new PartSlots(1);
  const { open, wait } = gates();
  const works = [1, 2, 3].map(() => sendParts(partsOf(3), { slots, signal: undefined }, wait));
  await settle();
  expect(open).toHaveLength(4);
  while (open.length > 0) {
    open.shift()?.();
    await settle();
  }
  expect((await Promise.all(works)).map(({ size }) => size)).toEqual([3, 3, 3]);
  expect([slots.take(), slots.take()]).toEqual([true, false]);
});

test('the first error stops the others, and is thrown when they have ended', async () => {
  const slots = new PartSlots(2);
  const boom = new Error('boom');
  let ended = 0;
  const work = sendParts(partsOf(10), { slots, signal: undefined }, async (_, index, signal) => {
    if (index === 1) throw boom;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await settle();
    ended += 1;
    throw new Error('stopped');
  });
  await expect(work).rejects.toBe(boom);
  expect(ended).toBeGreaterThan(0);
  expect([slots.take(), slots.take(), slots.take()]).toEqual([true, true, false]);
});

test('an error of the stream stops what is on its way', async () => {
  const boom = new Error('the source failed');
  let stopped = false;
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x');
    throw boom;
  }
  const work = sendParts(failing(), { slots: new PartSlots(1), signal: undefined }, async (_, __, signal) => {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    stopped = true;
  });
  await expect(work).rejects.toBe(boom);
  expect(stopped).toBe(true);
});
