import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { until } from '@osmo/kube/testing';
import fc from 'fast-check';
import { Party } from '../testing/party.ts';
import { strangersAtMost } from './lead.ts';

const first = '127.0.0.1';
const second = '127.0.0.2';

let party: Party;
const gather = (size: number): Party => (party = new Party(size));
afterEach(() => party.end());

const waitingFor = (guest: { said: string[] }, text: RegExp) =>
  until(
    () => guest.said,
    (said) => said.some((line) => text.test(line)),
  );
/** Everything that a connection was told. */
const heard = (socket: Socket): { text: string } => {
  const all = { text: '' };
  socket.on('data', (bytes: Buffer) => (all.text += bytes.toString()));
  return all;
};
const told = (all: { text: string }, what: string) =>
  until(
    () => all.text,
    (text) => text.includes(what),
  );

describe('the barrier of a group', () => {
  test('is passed by all once all are there, and by none before', async () => {
    const { guests } = gather(4);
    const lead = await party.lead(first);
    const a = party.task('a');
    const b = party.task('b');
    await waitingFor(lead, /\(3\)/);
    await Promise.all([waitingFor(a, /lead is there/), waitingFor(b, /lead is there/)]);
    expect(guests.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    const c = party.task('c');
    await party.passed(lead, a, b, c);
  });

  test('of a lead alone is open', async () => {
    gather(1);
    await party.passed(await party.lead(first));
  });

  test('tasks wait for a lead that has no name yet', async () => {
    gather(3);
    const tasks = [party.task('a'), party.task('b')];
    await Promise.all(tasks.map((task) => waitingFor(task, /looking for the lead/)));
    await party.passed(await party.lead(first), ...tasks);
  });

  test('a lead that comes again is found again', async () => {
    gather(3);
    const former = await party.lead(first);
    const a = party.task('a');
    await waitingFor(a, /lead is there/);
    await former.crash();
    await waitingFor(a, /lead is gone/);
    const lead = await party.lead(first);
    await party.passed(lead, a, party.task('b'));
  });

  test('a task that comes again is not counted twice', async () => {
    gather(3);
    const lead = await party.lead(first);
    const former = party.task('a');
    await waitingFor(lead, /a is here \(2\)/);
    await former.crash();
    const a = party.task('a');
    await waitingFor(a, /lead is there/);
    expect([lead.state, a.state]).toEqual(['waiting', 'waiting']);
    await party.passed(lead, a, party.task('b'));
  });

  test('a lead with two addresses has each task once', async () => {
    gather(3);
    const lead = await party.lead('0.0.0.0');
    party.addresses = [first, second];
    await party.passed(lead, party.task('a'), party.task('b'));
    expect(lead.said.filter((line) => line.includes('is here'))).toHaveLength(2);
  });

  test('the name leads to a former lead and to the present one: tasks meet at the present one', async () => {
    gather(3);
    const former = await party.lead(first, { epoch: '0.0' });
    const late = party.task('late', { epoch: '0.0' });
    await waitingFor(former, /late is here/);
    const lead = await party.lead(second, { epoch: '0.1' });
    await party.passed(lead, party.task('a', { epoch: '0.1' }), party.task('b', { epoch: '0.1' }));
    expect([former.state, late.state]).toEqual(['waiting', 'waiting']);
  });

  test('another group’s lead at the address takes nobody in', async () => {
    gather(2);
    const other = await party.lead(first, { group: 'h' });
    const a = party.task('a');
    await waitingFor(a, /another group/);
    expect(other.said).toEqual(['waiting for 2 tasks']);
    await other.crash();
    await party.passed(await party.lead(first), a);
  });

  test('a port that is in use is waited for', async () => {
    gather(2);
    const other = await party.lead(first);
    const lead = party.lead(first);
    await waitingFor(await until(() => party.guests[1], Boolean).then((guest) => guest!), /in use/);
    await other.crash();
    await party.passed(await lead, party.task('a'));
  });

  test('ends when it is told to, wherever it is', async () => {
    gather(3);
    const lead = await party.lead(first);
    const a = party.task('a');
    await waitingFor(lead, /a is here/);
    await Promise.all([lead.crash(), a.crash()]);
    expect(party.guests).toMatchObject([
      { state: 'failed', error: { name: 'AbortError' } },
      { state: 'failed', error: { name: 'AbortError' } },
    ]);
  });
});

describe('what comes to the lead’s port', () => {
  test.each<[string, string | Buffer]>([
    ['a request of a browser', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['bytes', Buffer.from([0, 255, 10, 10, 1])],
    ['a line without end', Buffer.alloc(1_000_000, 'x')],
    ['an answer before a question', 'here 1\nack\n'],
    ['a task’s words twice', 'hello g 0.0 x\nhello g 0.0 x\n'],
    ['an ack too early', 'hello g 0.0 x\nack\n'],
  ])('%s: is dropped', async (_, bytes) => {
    gather(3);
    const lead = await party.lead(first);
    const stranger = party.stranger(first, bytes);
    await until(() => stranger.closed, Boolean);
    await party.passed(lead, party.task('a'), party.task('b'));
  });

  test('silence keeps nobody away, and takes no more than its places', async () => {
    gather(3);
    const lead = await party.lead(first);
    const silent = Array.from({ length: strangersAtMost * 2 }, () => party.stranger(first));
    await Promise.all(
      silent.map((socket) =>
        until(
          () => socket.pending,
          (pending) => !pending,
        ),
      ),
    );
    await until(
      () => silent.filter((socket) => !socket.closed).length,
      (open) => open <= strangersAtMost + 3,
    );
    const last = party.stranger(first);
    await until(
      () => last.pending,
      (pending) => !pending,
    );
    await party.passed(lead, party.task('a'), party.task('b'));
  });

  test('a task that lost its connection between question and word holds the others back until it is there again', async () => {
    gather(3);
    const lead = await party.lead(first);
    const a = party.task('a');
    await waitingFor(a, /lead is there/);
    const lost = party.stranger(first, 'hello g 0.0 b\n');
    await told(heard(lost), 'check');
    lost.destroy();
    await until(() => lost.closed, Boolean);
    expect([lead.state, a.state]).toEqual(['waiting', 'waiting']);
    await party.passed(lead, a, party.task('b'));
  });

  test('a task that lost the word hears it again; the lead is done when all have said that they heard it', async () => {
    gather(3);
    const lead = await party.lead(first);
    const a = party.task('a');
    const lost = party.stranger(first, 'hello g 0.0 b\n');
    const words = heard(lost);
    await told(words, 'check');
    lost.write(`here ${/check (\d+)/.exec(words.text)?.[1]}\n`);
    await told(words, 'go');
    await party.passed(a);
    lost.destroy();
    await until(() => lost.closed, Boolean);
    expect(lead.state).toBe('waiting');
    await party.passed(lead, party.task('b'));
  });
});

test('a task that is gone for good after the word was given keeps the lead only for a while', async () => {
  gather(3);
  const lead = await party.lead(first);
  const a = party.task('a');
  const lost = party.stranger(first, 'hello g 0.0 b\n');
  const words = heard(lost);
  await told(words, 'check');
  lost.write(`here ${/check (\d+)/.exec(words.text)?.[1]}\n`);
  await told(words, 'go');
  lost.destroy();
  await party.passed(a);
  expect(lead.state).toBe('waiting');
  party.passTime();
  await party.passed(lead);
});

test('a lead that speaks nonsense is left, and tried again', async () => {
  gather(2);
  let visits = 0;
  const nonsense = createServer((socket) => {
    visits += 1;
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  try {
    const former = await party.lead(first);
    await former.crash();
    nonsense.listen(party.port, second);
    await once(nonsense, 'listening');
    party.addresses = [second, first];
    const a = party.task('a');
    await until(
      () => visits,
      (count) => count > 2,
    );
    await party.passed(await party.lead(first), a);
  } finally {
    nonsense.close();
  }
});

/** What may happen while a group gathers, in any order. */
const event = fc.oneof(
  fc.record({ does: fc.constant('crash' as const), who: fc.nat(5) }),
  fc.record({ does: fc.constant('garbage' as const), bytes: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ does: fc.constant('turns' as const), count: fc.nat(20) }),
);

test('laws: in every order, with crashes and garbage, all pass, and none before all have come', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 6 }),
      fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
      fc.array(event, { maxLength: 12 }),
      async (size, order, events) => {
        gather(size);
        try {
          const names = Array.from({ length: size }, (_, index) => (index === 0 ? 'lead' : `t${index}`));
          const coming = names.toSorted((a, b) => order[names.indexOf(a)]! - order[names.indexOf(b)]!);
          const last = coming.pop()!;
          const present = new Map<string, Awaited<ReturnType<typeof party.lead>>>();
          const come = async (name: string) =>
            void present.set(name, name === 'lead' ? await party.lead(first) : party.task(name));
          for (const name of coming) await come(name);
          for (const happening of events) {
            if (happening.does === 'crash') {
              const name = coming[happening.who % Math.max(coming.length, 1)];
              if (name === undefined) continue;
              await present.get(name)?.crash();
              await come(name);
            } else if (happening.does === 'garbage') {
              if (present.has('lead')) party.stranger(first, Buffer.from(happening.bytes));
            } else {
              for (let count = 0; count < happening.count; count += 1) await turn();
            }
          }
          expect([...present.values()].map(({ state }) => state)).toEqual(coming.map(() => 'waiting'));
          await come(last);
          await party.passed(...present.values());
        } finally {
          await party.end();
        }
      },
    ),
  ));
