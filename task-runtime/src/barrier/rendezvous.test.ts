import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TaskMessage } from './messages.ts';
import { garbage, Rendezvous } from './rendezvous.ts';

const group = 'g';
const epoch = '0.1';
const meeting = (size: number): Rendezvous<string> => new Rendezvous({ group, epoch, name: 'lead', size });
const hello = (name: string, changes: object = {}): TaskMessage => ({ says: 'hello', group, epoch, name, ...changes });
const here = (check: number): TaskMessage => ({ says: 'here', check });
const ack: TaskMessage = { says: 'ack' };
const to = (peer: string, says: string, more: object = {}) => ({ to: peer, message: { says, ...more } });
const no = (peer: string, reason: RegExp) => ({
  to: peer,
  message: { says: 'no', reason: expect.stringMatching(reason) },
  end: true,
});

describe('the lead', () => {
  test('asks when all are here, and lets go when all have answered', () => {
    const lead = meeting(3);
    expect(lead.hear('1', hello('a'))).toEqual([to('1', 'wait')]);
    expect(lead.hear('2', hello('b'))).toEqual([
      to('2', 'wait'),
      to('1', 'check', { check: 1 }),
      to('2', 'check', { check: 1 }),
    ]);
    expect(lead.hear('1', here(1))).toEqual([]);
    expect(lead.hear('2', here(1))).toEqual([to('1', 'go'), to('2', 'go')]);
    expect(lead.done).toBe(false);
    expect([lead.hear('1', ack), lead.done, lead.hear('2', ack), lead.done]).toEqual([[], false, [], true]);
  });

  test('alone needs nobody', () => expect(meeting(1).done).toBe(true));

  test('asks anew when one went away meanwhile', () => {
    const lead = meeting(3);
    lead.hear('1', hello('a'));
    lead.hear('2', hello('b'));
    lead.hear('1', here(1));
    lead.leave('2');
    expect(lead.hear('3', hello('b'))).toEqual([
      to('3', 'wait'),
      to('1', 'check', { check: 2 }),
      to('3', 'check', { check: 2 }),
    ]);
    expect(lead.hear('3', here(2))).toEqual([]);
    expect(lead.hear('1', here(2))).toEqual([to('1', 'go'), to('3', 'go')]);
  });

  test('takes who comes again for the one who came before', () => {
    const lead = meeting(3);
    lead.hear('1', hello('a'));
    expect(lead.hear('2', hello('a'))).toEqual([no('1', /came again/), to('2', 'wait')]);
    lead.leave('1');
    expect(lead.here).toBe(2);
    expect(lead.hear('1', here(0))).toBe(garbage);
  });

  test('tells who lost its word again, and no one who was not asked', () => {
    const lead = meeting(2);
    lead.hear('1', hello('a'));
    lead.hear('1', here(1));
    lead.leave('1');
    expect(lead.hear('2', hello('b'))).toEqual([no('2', /all 2 tasks/)]);
    expect(lead.hear('3', hello('a'))).toEqual([to('3', 'go')]);
    expect(lead.done).toBe(false);
    lead.hear('3', ack);
    expect(lead.done).toBe(true);
    lead.leave('3');
    expect(lead.hear('4', hello('a'))).toEqual([to('4', 'go')]);
  });

  test.each([
    ['another group', hello('a', { group: 'h' }), /another group/],
    ['another start', hello('a', { epoch: '0.0' }), /another start.*0\.1/],
    ['its own name', hello('lead'), /name of the lead/],
  ])('turns away %s', (_, message, reason) => {
    expect(meeting(2).hear('1', message)).toEqual([no('1', reason)]);
  });

  test.each<[string, TaskMessage[]]>([
    ['an answer before hello', [here(1)]],
    ['an ack before hello', [ack]],
    ['a second hello', [hello('a'), hello('a')]],
    ['an ack before go', [hello('a'), ack]],
    ['an answer to what was not asked', [hello('a'), here(2)]],
  ])('takes %s for garbage', (_, messages) => {
    const lead = meeting(2);
    expect(messages.map((message) => lead.hear('1', message)).at(-1)).toBe(garbage);
  });

  /** What may happen to the connection of a task: it is made, answers the last question, breaks. */
  const step = fc.record({ task: fc.nat(3), does: fc.constantFrom('come', 'answer', 'answer', 'break', 'ack') });

  test('laws: nobody goes before all were there at one time; done is only when all said so', () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.array(step, { maxLength: 60 }), (size, steps) => {
        const lead = meeting(size);
        const connected = new Map<number, { peer: string; asked: number; answered: number }>();
        const told = new Set<number>();
        const acked = new Set<number>();
        let connections = 0;
        const deliver = (replies: ReturnType<typeof lead.hear>) => {
          if (replies === garbage) return;
          const goes = replies.filter(({ message }) => message.says === 'go');
          if (goes.length > 0 && told.size === 0) {
            expect(connected.size).toBe(size - 1);
            expect([...connected.values()].every(({ asked, answered }) => asked > 0 && asked === answered)).toBe(true);
          }
          for (const { to: peer, message } of replies) {
            const [task, state] = [...connected].find(([, entry]) => entry.peer === peer) ?? [];
            if (task === undefined || state === undefined) continue;
            if (message.says === 'check') state.asked = message.check;
            if (message.says === 'go') told.add(task);
          }
        };
        for (const { task, does } of steps.map((s) => ({ ...s, task: s.task % (size - 1) }))) {
          const state = connected.get(task);
          if (does === 'come') {
            const peer = `${(connections += 1)}`;
            connected.set(task, { peer, asked: 0, answered: 0 });
            deliver(lead.hear(peer, hello(`t${task}`)));
          } else if (state !== undefined && does === 'answer') {
            state.answered = state.asked;
            deliver(lead.hear(state.peer, here(state.asked)));
          } else if (state !== undefined && does === 'break') {
            lead.leave(state.peer);
            connected.delete(task);
          } else if (state !== undefined && told.has(task)) {
            lead.hear(state.peer, ack);
            acked.add(task);
          }
          expect(lead.done).toBe(acked.size === size - 1);
        }
      }),
    ));
});
