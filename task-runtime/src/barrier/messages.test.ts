import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Lines } from './lines.ts';
import {
  type LeadMessage,
  lineOf,
  longestLine,
  readLeadMessage,
  readTaskMessage,
  type TaskMessage,
} from './messages.ts';

const word = fc.stringMatching(/^[A-Za-z0-9._-]{1,253}$/);
const count = fc.nat();
const taskMessage: fc.Arbitrary<TaskMessage> = fc.oneof(
  fc.record({ says: fc.constant('hello' as const), group: word, epoch: word, name: word }),
  fc.record({ says: fc.constant('here' as const), check: count }),
  fc.constant({ says: 'ack' as const }),
);
const leadMessage: fc.Arbitrary<LeadMessage> = fc.oneof(
  fc.constant({ says: 'wait' as const }),
  fc.record({ says: fc.constant('check' as const), check: count }),
  fc.constant({ says: 'go' as const }),
  fc.record({ says: fc.constant('no' as const), reason: fc.stringMatching(/^[ -~]{1,100}$/) }),
);

describe('messages', () => {
  test('are read as they were said, however the bytes are cut', () =>
    fc.assert(
      fc.property(fc.array(taskMessage, { maxLength: 8 }), fc.array(fc.nat(900)), (messages, cuts) => {
        const bytes = Buffer.from(messages.map(lineOf).join(''));
        const lines = new Lines();
        const places = [...cuts.map((cut) => Math.min(cut, bytes.length)), 0, bytes.length].toSorted((a, b) => a - b);
        const read = places.slice(1).flatMap((end, index) => lines.take(bytes.subarray(places[index], end)) ?? ['?']);
        expect(read.map(readTaskMessage)).toEqual(messages);
      }),
    ));
  test('of the lead, too', () =>
    fc.assert(
      fc.property(leadMessage, (message) => {
        expect(readLeadMessage(lineOf(message).slice(0, -1))).toEqual(message);
      }),
    ));
  test('fit into the longest line', () =>
    fc.assert(
      fc.property(taskMessage, (message) => expect(lineOf(message).length).toBeLessThanOrEqual(longestLine + 1)),
    ));

  test.each([
    '',
    ' ',
    'hello',
    'hello g 0.0',
    'hello g 0.0 ',
    'hello g 0.0 a b',
    'hello g 0.0 a\r',
    'hello g 0.0 ä',
    `hello ${'g'.repeat(254)} 0.0 a`,
    'here',
    'here -1',
    'here 1e9',
    `here ${'1'.repeat(16)}`,
    'ACK',
    'ack ',
    'GET / HTTP/1.1',
    'go',
  ])('%j is none of a task', (line) => expect(readTaskMessage(line)).toBeUndefined());
  test.each(['', 'hello g 0.0 a', 'wait 1', 'check', 'check x', 'no', 'ack', 'HTTP/1.1 400 Bad Request'])(
    '%j is none of a lead',
    (line) => expect(readLeadMessage(line)).toBeUndefined(),
  );
});

describe('lines', () => {
  const bytes = (length: number): Buffer => Buffer.alloc(length, 'x');
  test('as long as allowed are taken, at once or bit by bit', () => {
    expect(new Lines().take(Buffer.concat([bytes(longestLine), Buffer.from('\n')]))).toHaveLength(1);
    const lines = new Lines();
    expect(lines.take(bytes(longestLine))).toEqual([]);
    expect(lines.take(Buffer.from('\n'))).toEqual([bytes(longestLine).toString()]);
  });
  test('longer than allowed are not waited for', () => {
    expect(new Lines().take(bytes(longestLine + 1))).toBeUndefined();
    const lines = new Lines();
    expect(lines.take(bytes(longestLine))).toEqual([]);
    expect(lines.take(bytes(1))).toBeUndefined();
    expect(new Lines().take(Buffer.concat([bytes(longestLine + 1), Buffer.from('\n')]))).toBeUndefined();
  });
});
