import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Change, type Informer, KubeError, type KubeObject, type Secret } from '@osmo/kube';
import { FakeClock, type RecordingLogger, recordingLogger, settle } from '@osmo/kube/testing';
import type { Generation, ReadGeneration } from './generation.ts';
import { issueGeneration } from './issue.ts';
import { CertificateKeeper, type KeeperOptions } from './keeper.ts';
import { defaultPolicy } from './policy.ts';
import { secretData } from './secret.ts';

const start = '2026-03-01T00:00:00Z';
const names = ['w.osmo.svc'];
let made: Generation;
beforeAll(async () => {
  made = await issueGeneration(names, defaultPolicy, new Date(start));
});

/** A cache that a test fills. */
class PlayedInformer<T extends KubeObject> {
  readonly synced = Promise.resolve();
  readonly #listeners: ((change: Change<T>) => void)[] = [];
  #object: T | undefined;

  get(): T | undefined {
    return this.#object;
  }
  list(): readonly T[] {
    return this.#object === undefined ? [] : [this.#object];
  }
  onChange(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener);
  }
  set(object: T): void {
    this.#object = object;
    for (const listener of this.#listeners) listener({ new: object });
  }
}

let clock: FakeClock;
let logger: RecordingLogger;
let secrets: PlayedInformer<Secret>;
let bundle: string;
let trustChanged: () => void;
let served: ReadGeneration[];
let written: Secret[];
let told: string[];
let fails: KubeError | undefined;
let stop: AbortController;
let ended: Promise<void>;

const secretOf = (data: Record<string, string> = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'tls', namespace: 'osmo', resourceVersion: '1' },
  data,
});
function keep(options: Partial<KeeperOptions> = {}): CertificateKeeper {
  const client = {
    replace: (_: unknown, object: KubeObject) => {
      if (fails !== undefined) return Promise.reject(fails);
      written.push(object);
      return Promise.resolve(object);
    },
  } as unknown as KeeperOptions['client'];
  const keeper = new CertificateKeeper({
    client,
    secrets: secrets as unknown as Informer<Secret>,
    trusting: {
      synced: Promise.resolve(),
      onChange: (listener) => void (trustChanged = listener),
      bundles: () => [bundle],
      async tell(wanted) {
        if (wanted !== bundle) told.push(wanted);
      },
    },
    namespace: 'osmo',
    secret: 'tls',
    managed: true,
    names,
    policy: defaultPolicy,
    issue: () => Promise.resolve(made),
    serve: (generation) => served.push(generation),
    clock,
    logger,
    metrics: { serves: () => undefined, issued: () => undefined },
    ...options,
  });
  ended = keeper.run(stop.signal);
  return keeper;
}

beforeEach(() => {
  [clock, logger, stop] = [new FakeClock(start), recordingLogger(), new AbortController()];
  [secrets, bundle, trustChanged] = [new PlayedInformer(), '', () => undefined];
  [served, written, told, fails] = [[], [], [], undefined];
});
afterEach(async () => {
  stop.abort();
  await ended;
});

describe('certificates', () => {
  test('are waited for where the Secret is missing, which is said, and made once it is there', async () => {
    const keeper = keep();
    await settle();
    expect(keeper.problem()).toContain('there is no Secret osmo/tls');
    await clock.advanceAsync(120_000);
    // 0.5, 1, 2, 4, 8, 16, 30, 30 s …
    expect(logger.lines.filter(({ level }) => level === 'warn').length).toBeLessThan(12);
    secrets.set(secretOf());
    await settle();
    expect(written.map(({ data }) => data)).toEqual([secretData({ newest: made })]);
    expect(served).toEqual([]);
  });

  test('are served when they are stored, and then trusted; only then calls can succeed', async () => {
    secrets.set(secretOf(secretData({ newest: made })));
    const keeper = keep();
    await keeper.serving;
    await settle();
    expect(served.map(({ certificate }) => certificate)).toEqual([made.certificate]);
    expect(told).toEqual([made.ca]);
    expect(keeper.problem()).toContain('do not trust');
    bundle = made.ca;
    trustChanged();
    await settle();
    expect(keeper.problem()).toBeUndefined();
    expect(told).toHaveLength(1);
    // Nothing changes: nothing is written, however long it takes.
    await clock.advanceAsync(30 * 24 * 3600_000);
    expect([told.length, written.length, served.length]).toEqual([1, 0, 1]);
  });

  test.each([
    [409, 0],
    [403, 1],
  ])(
    'that can not be stored (%d) are made again; somebody else’s being faster is no news',
    async (status, warnings) => {
      fails = new KubeError({ status, reason: status === 409 ? 'Conflict' : 'Forbidden', message: 'no' });
      secrets.set(secretOf());
      keep();
      await settle();
      expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(warnings);
      fails = undefined;
      await clock.advanceAsync(5_000);
      expect(written.length).toBeGreaterThan(0);
      expect(JSON.stringify(logger.lines)).not.toContain('PRIVATE');
    },
  );

  test('of somebody else are served as they come, and nothing is written', async () => {
    secrets.set(secretOf());
    const keeper = keep({ managed: false, trusting: undefined });
    await settle();
    expect(keeper.problem()).toBe('it holds no certificate yet');
    secrets.set(secretOf(secretData({ newest: made })));
    await keeper.serving;
    expect(keeper.problem()).toBeUndefined();
    expect([written, told]).toEqual([[], []]);
    await clock.advanceAsync(100 * 24 * 3600_000);
    expect(keeper.problem()).toContain('has run out');
  });
});
