import { afterEach, expect, test } from '@jest/globals';
import { Agent, request, type ServerResponse } from 'node:http';
import { FakeClock, recordingLogger } from '@osmo/kube/testing';
import { serveUntil } from './server.ts';

const agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
});

interface Answered {
  status: number;
  connection: string | undefined;
}

/** A client that keeps its connections. */
function client(port: number): () => Promise<Answered> {
  const agent = new Agent({ keepAlive: true });
  agents.push(agent);
  return () =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, agent }, (response) => {
        response.resume().once('end', () => {
          resolve({ status: response.statusCode ?? 0, connection: response.headers.connection });
        });
      });
      sent.once('error', reject);
      sent.end();
    });
}

/** A server whose requests wait until they are released. */
async function held() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const waiting: ServerResponse[] = [];
  let arrived = (): void => undefined;
  const drained = Promise.withResolvers<void>();
  const listening = Promise.withResolvers<number>();
  const options = { host: '127.0.0.1', port: 0, drainMs: 5000, clock, logger: recordingLogger() };
  const ended = serveUntil(
    (_, response) => {
      waiting.push(response);
      arrived();
    },
    { ...options, onListening: (port) => listening.resolve(port) },
    stop.signal,
    () => drained.resolve(),
  );
  return {
    ask: client(await listening.promise),
    stop: () => stop.abort(),
    /** Lets the time of draining pass. */
    async drain(): Promise<void> {
      clock.advance(5000);
      await drained.promise;
    },
    ended,
    /** Resolves when so many requests wait. */
    async arrived(count: number): Promise<void> {
      while (waiting.length < count) {
        // oxlint-disable-next-line no-await-in-loop
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
    release(): void {
      for (const response of waiting.splice(0)) response.end('ok');
    },
  };
}

test('no request is lost when it is told to stop while a hundred are answered', async () => {
  const server = await held();
  const before = Array.from({ length: 100 }, () => server.ask());
  await server.arrived(100);
  server.stop();
  // Those who have not heard of it yet are answered as well.
  const meanwhile = Array.from({ length: 20 }, () => server.ask());
  await server.arrived(120);
  await server.drain();
  server.release();
  const answers = await Promise.all([...before, ...meanwhile]);
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 120 }, () => 200));
  await server.ended;
  await expect(server.ask()).rejects.toMatchObject({ code: expect.stringMatching(/^ECONN/) });
});

test('connections that are used while it drains end with their answer', async () => {
  const server = await held();
  const ask = async (): Promise<Answered> => {
    const answer = server.ask();
    await server.arrived(1);
    server.release();
    return answer;
  };
  expect(await ask()).toEqual({ status: 200, connection: 'keep-alive' });
  server.stop();
  expect(await ask()).toEqual({ status: 200, connection: 'close' });
  expect(await ask()).toEqual({ status: 200, connection: 'close' });
  await server.drain();
  await server.ended;
});
