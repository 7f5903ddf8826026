import { afterEach, describe, expect, test } from '@jest/globals';
import { KubeError } from '../client/errors.ts';
import { ConfigMap } from '../client/kinds/core.ts';
import type { KubeClient, ListOptions, ListResult, ResourceType, WatchEvent, WatchOptions } from '../client/types.ts';
import { FakeClock, settle } from '../runtime/testing/fake-clock.ts';
import { recordingLogger } from '../runtime/testing/recording-logger.ts';
import { newInformer } from './informer.ts';
import type { Informer, InformerOptions, ReflectorMetrics } from './types.ts';

type Answer = ConfigMap[] | KubeError;
type Script = (WatchEvent<ConfigMap> | KubeError | 'end')[];

let stop = new AbortController();
afterEach(() => {
  stop.abort();
  stop = new AbortController();
});

const map = (name: string, version: string, extra: Partial<ConfigMap> = {}, uid = `uid-${name}`): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns', uid, resourceVersion: version },
  ...extra,
});
const added = (object: ConfigMap): WatchEvent<ConfigMap> => ({ type: 'ADDED', object });
const changed = (object: ConfigMap): WatchEvent<ConfigMap> => ({ type: 'MODIFIED', object });
const deleted = (object: ConfigMap): WatchEvent<ConfigMap> => ({ type: 'DELETED', object });
const mark = (resourceVersion: string, annotations?: Record<string, string>): WatchEvent<ConfigMap> => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion, ...(annotations && { annotations }) } },
});
const end = { 'k8s.io/initial-events-end': 'true' };

/** Answers lists and watches from a script, in order; a watch whose script has run out stays open. */
class ScriptedServer {
  readonly asked: { list?: ListOptions; watch?: WatchOptions }[] = [];
  readonly #lists: Answer[];
  readonly #watches: Script[];

  constructor(lists: Answer[], watches: Script[]) {
    this.#lists = lists;
    this.#watches = watches;
  }

  list(_: ResourceType, options: ListOptions): Promise<ListResult<ConfigMap>> {
    this.asked.push({ list: options });
    const answer = this.#lists.shift() ?? [];
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ items: structuredClone(answer), metadata: { resourceVersion: '10' } });
  }

  async *watch(_: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent<ConfigMap>> {
    this.asked.push({ watch: options });
    for (const step of this.#watches.shift() ?? []) {
      if (step === 'end') return;
      if (step instanceof Error) throw step;
      yield structuredClone(step);
    }
    await new Promise((_resolve, reject) =>
      options.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
    );
  }
}

function follow(
  server: ScriptedServer,
  options: Partial<InformerOptions<ConfigMap>> = {},
): {
  informer: Informer<ConfigMap>;
  clock: FakeClock;
  told: string[];
  logger: ReturnType<typeof recordingLogger>;
} {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const informer = newInformer<ConfigMap>({
    client: server as unknown as KubeClient,
    type: ConfigMap,
    clock,
    logger,
    freeze: true,
    watchList: false,
    random: () => 0,
    ...options,
  });
  const told: string[] = [];
  const text = (o: ConfigMap | undefined): string => (o ? `${o.metadata.name}@${o.metadata.resourceVersion}` : '-');
  informer.onChange((change) => told.push(`${text(change.old)} ${text(change.new)}`));
  informer.start(stop.signal);
  return { informer, clock, told, logger };
}

describe('following', () => {
  test('the first list may be of any age, the next must be of now', async () => {
    const gone = new KubeError({ status: 410, reason: 'Expired', message: '' });
    const server = new ScriptedServer([[map('a', '5')], [map('a', '5')]], [[gone]]);
    const { told } = follow(server);
    await settle();
    expect(server.asked.map(({ list, watch }) => list?.resourceVersion ?? watch?.resourceVersion)).toEqual([
      '0',
      '10',
      undefined,
      '10',
    ]);
    expect(told).toEqual(['- a@5']);
  });

  test('a version that was seen is not told again', async () => {
    const twice = changed(map('a', '12'));
    const server = new ScriptedServer([[map('a', '9')]], [[twice, twice, changed(map('a', '14'))]]);
    const { told, informer } = follow(server);
    await settle();
    expect(told).toEqual(['- a@9', 'a@9 a@12', 'a@12 a@14']);
    expect(informer.resourceVersion).toBe('14');
    expect(server.asked).toHaveLength(2);
  });

  test('an older version of an object does not replace it, and what is missing is read', async () => {
    const server = new ScriptedServer(
      [[map('a', '9')], [map('a', '14'), map('b', '12')]],
      [[changed(map('a', '14')), changed(map('a', '13'))]],
    );
    const { told } = follow(server);
    await settle();
    expect(told).toEqual(['- a@9', 'a@9 a@14', '- b@12']);
  });

  test('a late event leaves nothing to be claimed but what is here, until all was read again', async () => {
    const down = new KubeError({ status: 503, reason: 'ServiceUnavailable', message: '' });
    const server = new ScriptedServer(
      [[], down, [map('a', '14'), map('b', '12')]],
      [[added(map('a', '14')), added(map('b', '12'))]],
    );
    const { informer, clock } = follow(server);
    await settle();
    const [a, b] = [
      { namespace: 'ns', name: 'a' },
      { namespace: 'ns', name: 'b' },
    ] as const;
    expect([informer.hasSeen(a, '14'), informer.hasSeen(b, '12')]).toEqual([true, false]);
    await clock.advanceAsync(60_000);
    expect([informer.hasSeen(a, '10'), informer.hasSeen(b, '12')]).toEqual([true, true]);
  });

  test('a bookmark that was overtaken is no less out of order', async () => {
    const server = new ScriptedServer([[], [map('b', '20')]], [[added(map('a', '15')), mark('12')]]);
    const { told } = follow(server);
    await settle();
    expect(told).toEqual(['- a@15', 'a@15 -', '- b@20']);
  });

  test('a streamed state in which an object goes back is not believed', async () => {
    const server = new ScriptedServer(
      [[map('a', '8')]],
      [[changed(map('a', '8')), added(map('a', '5')), mark('9', end)]],
    );
    const { told, clock } = follow(server, { watchList: true });
    await clock.advanceAsync(60_000);
    expect(told).toEqual(['- a@8']);
  });

  test('an object made anew under the same name is a deletion and an addition', async () => {
    const server = new ScriptedServer([[map('a', '9')]], [[changed(map('a', '12', {}, 'uid-2'))]]);
    const { told } = follow(server);
    await settle();
    expect(told).toEqual(['- a@9', 'a@9 -', '- a@12']);
  });

  test('so it is when a list shows it', async () => {
    const gone = new KubeError({ status: 410, reason: 'Expired', message: '' });
    const server = new ScriptedServer(
      [
        [map('a', '9'), map('b', '8')],
        [map('a', '12', {}, 'uid-2'), map('c', '13')],
      ],
      [[gone]],
    );
    const { told } = follow(server);
    await settle();
    expect(told).toEqual(['- a@9', '- b@8', 'a@9 -', 'b@8 -', '- a@12', '- c@13']);
  });

  test('an event from before the version that the stream had reached makes it read all again', async () => {
    const server = new ScriptedServer([[], [map('b', '20')]], [[mark('15'), added(map('a', '12'))]]);
    const { told } = follow(server);
    await settle();
    expect(told).toEqual(['- b@20']);
  });

  test('an event that a deletion had overtaken is not believed, though the object was never here', async () => {
    const server = new ScriptedServer([[], [map('b', '20')]], [[deleted(map('a', '12')), added(map('a', '11'))]]);
    const { told } = follow(server);
    await settle();
    expect(told).toEqual(['- b@20']);
  });

  test('changes among the streamed state are part of it', async () => {
    const streamed = [
      added(map('a', '5')),
      added(map('b', '6')),
      changed(map('a', '8')),
      deleted(map('b', '9')),
      mark('9', end),
    ];
    const server = new ScriptedServer([], [[...streamed, changed(map('a', '11'))]]);
    const { told, informer } = follow(server, { watchList: true });
    await settle();
    expect(told).toEqual(['- a@8', 'a@8 a@11']);
    expect(informer.size).toBe(1);
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]?.watch).toMatchObject({ sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' });
  });

  test('nothing is told of a streamed state before it is complete', async () => {
    const server = new ScriptedServer([], [[added(map('a', '5'))]]);
    const { told, informer } = follow(server, { watchList: true });
    await settle();
    expect(told).toEqual([]);
    expect(informer.hasSynced()).toBe(false);
  });

  test('a server that knows no streamed state is listed', async () => {
    const server = new ScriptedServer([[map('a', '5')]], [[added(map('a', '5')), mark('9')]]);
    const { told } = follow(server, { watchList: true });
    await settle();
    expect(told).toEqual(['- a@5']);
  });

  test('failures are waited out longer and longer, and said', async () => {
    const broken = new KubeError({ status: 500, reason: 'InternalError', message: 'no' });
    const server = new ScriptedServer([broken, broken, broken, [map('a', '5')]], []);
    const { clock, informer, logger } = follow(server);
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      await settle();
      const wait = (clock.nextAt()?.getTime() ?? 0) - clock.now().getTime();
      waits.push(wait);
      clock.advance(wait);
    }
    await informer.synced;
    expect(waits).toEqual([125, 250, 500]);
    expect(logger.lines.map(({ level, fields }) => [level, fields['failures']])).toEqual([
      ['warn', 1],
      ['warn', 2],
      ['warn', 3],
    ]);
  });
});

describe('what is kept', () => {
  test('managedFields are dropped, kinds are filled in, transforms applied, and all is frozen', async () => {
    const managed = map('a', '5', { data: { secret: 'x', kept: 'y' } });
    managed.metadata.managedFields = [{ manager: 'm', operation: 'Apply', apiVersion: 'v1' }];
    const server = new ScriptedServer([[managed]], []);
    const transform = (o: ConfigMap): ConfigMap => {
      delete o.data?.['secret'];
      return o;
    };
    const { informer } = follow(server, { transform });
    await settle();
    const kept = informer.get('ns', 'a');
    expect(kept).toEqual(map('a', '5', { data: { kept: 'y' } }));
    expect(() => Object.assign(kept?.data ?? {}, { kept: 'z' })).toThrow(TypeError);
  });

  test('an object that a new list shows unchanged stays the same object', async () => {
    const gone = new KubeError({ status: 410, reason: 'Expired', message: '' });
    const server = new ScriptedServer([[map('a', '5')], [map('a', '5')]], [[gone]]);
    const { informer } = follow(server);
    await informer.synced;
    const first = informer.get('ns', 'a');
    await settle();
    expect(server.asked.filter(({ list }) => list)).toHaveLength(2);
    expect(informer.get('ns', 'a')).toBe(first);
  });

  test('a failing transform or listener hurts nobody else', async () => {
    const server = new ScriptedServer([[map('a', '5')]], []);
    const { informer, logger } = follow(server, {
      transform: () => {
        throw new Error('bug');
      },
    });
    informer.onChange(() => {
      throw new Error('bug');
    });
    const told: unknown[] = [];
    informer.onChange((change) => told.push(change));
    await settle();
    expect(told).toHaveLength(1);
    expect(logger.lines.map(({ level }) => level)).toEqual(['error', 'error']);
  });

  test('an unknown index is an error that names the known ones', async () => {
    const { informer } = follow(new ScriptedServer([[]], []), { indexes: { a: () => [], b: () => [] } });
    expect(() => informer.byIndex('c', 'x')).toThrow('no index "c"; declared are: a, b');
  });
});

test('synced rejects when it is stopped before', async () => {
  const controller = new AbortController();
  const informer = newInformer({
    client: new ScriptedServer([], []) as unknown as KubeClient,
    type: ConfigMap,
    clock: new FakeClock(),
    logger: recordingLogger(),
  });
  informer.start(controller.signal);
  controller.abort();
  await expect(informer.synced).rejects.toMatchObject({ name: 'AbortError' });
  expect(() => informer.start(controller.signal)).toThrow('was started before');
});

test('lists and watches are counted', async () => {
  const counted: string[] = [];
  const metrics: ReflectorMetrics = {
    listed: (resource, result, items) => counted.push(`list ${resource} ${result} ${items}`),
    watchStarted: (resource) => counted.push(`watch ${resource}`),
    watchEnded: (resource, why, events) => counted.push(`end ${resource} ${why} ${events}`),
    objects: (resource, count) => counted.push(`${resource} ${count}`),
  };
  const server = new ScriptedServer([[map('a', '5')]], [[added(map('b', '11')), 'end']]);
  follow(server, { metrics });
  await settle();
  expect(counted).toEqual([
    'configmaps 1',
    'list configmaps ok 1',
    'watch configmaps',
    'configmaps 2',
    'end configmaps eof 1',
  ]);
});
