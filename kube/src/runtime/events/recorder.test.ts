import { describe, expect, test } from '@jest/globals';
import { KubeError } from '../../client/errors.ts';
import type { Event } from '../../client/kinds/cluster.ts';
import type { KubeClient } from '../../client/types.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { recordingLogger } from '../testing/recording-logger.ts';
import { cutBytes, eventObject } from './event-object.ts';
import { createEventRecorder, type EventRecorderOptions, routineEvents } from './recorder.ts';
import type { EventInput } from './types.ts';

const regarding = { apiVersion: 'v1', kind: 'Thing', namespace: 'n', name: 'a', uid: 'u' };
const input = (change: Partial<EventInput> = {}): EventInput => ({
  type: 'Normal',
  reason: 'Done',
  action: 'Do',
  note: 'did it',
  regarding,
  ...change,
});
const error = (status: number): KubeError => new KubeError({ status, reason: 'X', message: `answer ${status}` });

function setUp(options: Partial<EventRecorderOptions> = {}) {
  const clock = new FakeClock();
  const stored = new Map<string, Event>();
  const sent: string[] = [];
  const dropped: string[] = [];
  const answers: (KubeError | Promise<void>)[] = [];
  const act = async (what: string): Promise<void> => {
    sent.push(what);
    const answer = answers.shift();
    if (answer instanceof KubeError) throw answer;
    await answer;
  };
  const client = {
    async create(_: unknown, event: Event) {
      await act('create');
      if (stored.has(event.metadata.name)) throw error(409);
      stored.set(event.metadata.name, event);
      return event;
    },
    async patch(_: unknown, { name }: { name: string }, { body }: { body: Pick<Event, 'series'> }) {
      await act('patch');
      const event = stored.get(name);
      if (event === undefined) throw error(404);
      stored.set(name, { ...event, ...body });
      return event;
    },
  } as unknown as KubeClient;
  const recorder = createEventRecorder({
    client,
    reporter: { controller: 'osmo.dev/test', instance: 'test-0' },
    clock,
    logger: recordingLogger(),
    metrics: { sent: () => undefined, dropped: (why) => void dropped.push(why) },
    random: () => 0.5,
    ...options,
  });
  const counts = () => [...stored.values()].map((event) => event.series?.count ?? 1);
  return { clock, recorder, stored, sent, dropped, answers, counts };
}

describe('event recorder', () => {
  test('an event has all that the API wants', async () => {
    const { recorder, stored } = setUp();
    recorder.record(input({ related: { kind: 'Other', name: 'b' } }));
    await settle();
    const [event] = stored.values();
    expect(event).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^a\.[0-9a-f]+$/) as unknown, namespace: 'n' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      type: 'Normal',
      reason: 'Done',
      action: 'Do',
      note: 'did it',
      regarding,
      related: { kind: 'Other', name: 'b' },
      reportingController: 'osmo.dev/test',
      reportingInstance: 'test-0',
    });
  });

  test('repetitions within six minutes are a series: told at once, then once a minute', async () => {
    const { clock, recorder, sent, counts } = setUp();
    recorder.record(input());
    await settle();
    recorder.record(input());
    await settle();
    expect(sent).toEqual(['create', 'patch']);
    for (let i = 0; i < 100; i++) {
      recorder.record(input());
      await clock.advanceAsync(1000);
    }
    expect(sent.length).toBeLessThanOrEqual(5);
    await clock.advanceAsync(60_000);
    expect(counts()).toEqual([102]);
  });

  test.each<[string, Partial<EventInput>]>([
    ['note', { note: 'other' }],
    ['reason', { reason: 'Other' }],
    ['action', { action: 'Other' }],
    ['type', { type: 'Warning' }],
    ['object', { regarding: { ...regarding, uid: 'u2' } }],
  ])('another %s is another event', async (_, change) => {
    const { recorder, counts } = setUp();
    recorder.record(input());
    recorder.record(input(change));
    await settle();
    expect(counts()).toEqual([1, 1]);
  });

  test('after six quiet minutes a repetition is a new event', async () => {
    const { clock, recorder, counts } = setUp();
    recorder.record(input());
    await clock.advanceAsync(360_000);
    recorder.record(input());
    await settle();
    expect(counts()).toEqual([1, 1]);
  });

  test('repetitions before the first was sent travel with it', async () => {
    const { recorder, sent, counts } = setUp();
    for (let i = 0; i < 3; i++) recorder.record(input());
    await settle();
    expect(sent.length).toBeLessThanOrEqual(2);
    expect(counts()).toEqual([3]);
  });

  test('a series whose event the server has forgotten goes on in a new one', async () => {
    const { recorder, stored, counts } = setUp();
    recorder.record(input());
    await settle();
    stored.clear();
    recorder.record(input());
    await settle();
    expect(counts()).toEqual([2]);
  });

  test('an object that tells too much is cut short, others are not', async () => {
    const { clock, recorder, dropped, stored } = setUp();
    for (let i = 0; i < 40; i++) recorder.record(input({ note: `note ${i}` }));
    await settle();
    expect(stored.size).toBe(25);
    expect(dropped).toEqual(Array.from({ length: 15 }, () => 'spam'));
    recorder.record(input({ regarding: { ...regarding, name: 'b', uid: 'u2' } }));
    await clock.advanceAsync(300_000);
    recorder.record(input({ note: 'later' }));
    await settle();
    expect(stored.size).toBe(27);
  });

  test('under a flood routine is left out and warnings are not; routine comes again with time', async () => {
    const { clock, recorder, dropped, stored } = setUp();
    const told = (type: EventInput['type'], i: number) =>
      recorder.record(input({ type, regarding: { ...regarding, uid: `${type}${i}` } }));
    for (let i = 0; i < 300; i++) {
      told('Normal', i);
      told('Warning', i);
      await settle();
    }
    const types = () => [...stored.values()].map(({ type }) => type);
    const count = (wanted: string) => types().filter((type) => type === wanted).length;
    expect([count('Normal'), count('Warning')]).toEqual([100, 300]);
    expect(dropped).toEqual(Array.from({ length: 200 }, () => 'sampled'));
    await clock.advanceAsync(2000);
    for (let i = 300; i < 320; i++) told('Normal', i);
    await settle();
    expect(count('Normal')).toBe(110);
  });

  test('what gives way takes half of the room, about one object and of what is routine, whatever its type', async () => {
    const one = setUp();
    const steps = (type: EventInput['type'], count: number) => {
      for (let i = 0; i < count; i++) one.recorder.record(input({ type, note: `${type} step ${i}`, givesWay: true }));
    };
    steps('Normal', 20);
    steps('Warning', 20);
    await settle();
    expect(one.stored.size).toBe(12);
    for (let i = 0; i < 20; i++) one.recorder.record(input({ note: `end ${i}` }));
    await settle();
    expect(one.stored.size).toBe(25);
    const clock = new FakeClock();
    const many = setUp({ clock, routine: routineEvents(clock, { burst: 10, perSecond: 1 }) });
    for (let i = 0; i < 20; i++)
      many.recorder.record(input({ regarding: { ...regarding, uid: `s${i}` }, givesWay: true }));
    for (let i = 0; i < 20; i++) many.recorder.record(input({ regarding: { ...regarding, uid: `e${i}` } }));
    await settle();
    const about = [...many.stored.values()].map((event) => event.regarding?.uid?.slice(0, 1)).join('');
    expect(about).toBe('ssssseeeee');
  });

  test('recorders of a process share what routine there may be', async () => {
    const clock = new FakeClock();
    const routine = routineEvents(clock, { burst: 3, perSecond: 1 });
    const [a, b] = [setUp({ clock, routine }), setUp({ clock, routine })];
    for (let i = 0; i < 4; i++) {
      a.recorder.record(input({ regarding: { ...regarding, uid: `u${i}` } }));
      b.recorder.record(input({ regarding: { ...regarding, uid: `u${i}` } }));
    }
    await settle();
    expect(a.stored.size + b.stored.size).toBe(3);
  });

  test('recording never waits: a full queue drops', async () => {
    const { recorder, dropped, answers, stored } = setUp({ queueLength: 10, parallelism: 1 });
    const gate = Promise.withResolvers<void>();
    answers.push(gate.promise);
    for (let i = 0; i < 20; i++) recorder.record(input({ regarding: { ...regarding, uid: `u${i}` } }));
    expect(dropped).toEqual(Array.from({ length: 9 }, () => 'overload'));
    gate.resolve();
    await settle();
    expect(stored.size).toBe(11);
  });

  test('an outage is outlived by a few attempts, a long one costs the event', async () => {
    const { clock, recorder, dropped, answers, sent, counts } = setUp();
    answers.push(error(503), error(0), error(429));
    recorder.record(input());
    await clock.advanceAsync(10_000);
    expect(counts()).toEqual([1]);
    answers.push(...Array.from({ length: 10 }, () => error(503)));
    recorder.record(input({ note: 'unlucky' }));
    await clock.advanceAsync(60_000);
    expect(dropped).toEqual(['unreachable']);
    expect(sent.length).toBe(9);
  });

  test('what the server refuses is dropped at once', async () => {
    const { clock, recorder, dropped, answers, sent } = setUp();
    answers.push(error(403));
    recorder.record(input());
    await clock.advanceAsync(60_000);
    expect(dropped).toEqual(['refused']);
    expect(sent).toEqual(['create']);
  });

  test('a flush sends what was held back and waits for what is under way', async () => {
    const { recorder, counts } = setUp();
    for (let i = 0; i < 3; i++) {
      recorder.record(input());
      await settle();
    }
    recorder.record(input());
    expect(counts()).toEqual([2]);
    await recorder.flush(new AbortController().signal);
    expect(counts()).toEqual([4]);
  });

  test('a flush ends with its signal even if the server never answers', async () => {
    const { recorder, answers } = setUp();
    answers.push(new Promise(() => undefined));
    recorder.record(input());
    const stop = new AbortController();
    const flushed = recorder.flush(stop.signal);
    stop.abort();
    await flushed;
  });

  test('memory is bounded', async () => {
    const { recorder, sent } = setUp({ memory: 10, queueLength: 10_000 });
    const warn = (i: number) => recorder.record(input({ type: 'Warning', regarding: { ...regarding, uid: `u${i}` } }));
    for (let i = 0; i < 100; i++) warn(i);
    await settle();
    warn(0);
    await settle();
    // The first is forgotten, so its repetition is no series.
    expect(sent.filter((verb) => verb === 'create')).toHaveLength(101);
  });
});

describe('event object', () => {
  test.each<[string, string, number]>([
    ['short text', 'abc', 3],
    ['ASCII', 'x'.repeat(2000), 1024],
    ['two-byte characters', 'ü'.repeat(2000), 1023],
    ['four-byte characters', '😀'.repeat(2000), 1023],
  ])('%s is cut between characters', (_, text, bytes) => {
    const cut = cutBytes(text, 1024);
    expect(Buffer.byteLength(cut)).toBe(bytes);
    expect(cut).not.toContain('\uFFFD');
  });

  test('a name that would be too long is cut before what makes it unique', () => {
    const long = input({ regarding: { ...regarding, name: 'x'.repeat(253) } });
    const { name } = eventObject(long, { controller: 'c', instance: 'i' }, new Date(0), 'abc').metadata;
    expect(name).toHaveLength(253);
    expect(name.endsWith('x.abc')).toBe(true);
  });
});
