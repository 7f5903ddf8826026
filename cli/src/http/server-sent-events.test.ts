import { describe, expect, test } from '@jest/globals';
import { serverSentEvents, type ServerSentEvent } from './server-sent-events.ts';

async function read(pieces: readonly string[]): Promise<ServerSentEvent[]> {
  async function* stream(): AsyncGenerator<string> {
    yield* pieces;
  }
  const events: ServerSentEvent[] = [];
  for await (const event of serverSentEvents(stream())) events.push(event);
  return events;
}

const text =
  ': hello\n\nevent: ADDED\ndata: {"a":\ndata: 1}\n\ndata: x\nid: 7\n\r\nevent: SYNCED\r\ndata:y\r\n\r\ndata: never ended\n';
const expected = [
  { type: 'ADDED', data: '{"a":\n1}', id: undefined },
  { type: 'message', data: 'x', id: '7' },
  { type: 'SYNCED', data: 'y', id: '7' },
];

describe('server-sent events', () => {
  test('are read as the standard says', async () => expect(await read([text])).toEqual(expected));
  test('wherever the text is cut', async () => {
    for (let at = 1; at < text.length; at++) expect(await read([text.slice(0, at), text.slice(at)])).toEqual(expected);
    expect(await read(text.split(''))).toEqual(expected);
  });
});
