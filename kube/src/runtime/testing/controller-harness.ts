import { newInformer } from '../../cache/informer.ts';
import type { Informer } from '../../cache/types.ts';
import type { KubeClient, KubeObject, ResourceType } from '../../client/types.ts';
import { Controller } from '../controller/controller.ts';
import type { ControllerDefinition } from '../controller/definition.ts';
import type { EventInput } from '../events/types.ts';
import { runtimeMetrics } from '../metrics/runtime-metrics.ts';
import { FakeClock } from './fake-clock.ts';
import { recordingLogger } from './recording-logger.ts';

/** The part of the fake apiserver that the harness needs. */
export interface ServerUnderTest {
  client(options: { clock: FakeClock; retry: { maxAttempts: number; maxAskedAttempts: number } }): KubeClient;
  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): T[];
}

interface Followed {
  on: string;
  informer: Informer;
  namespace: string | undefined;
  /** What it has asked of the server and has no end of: a list that will be answered, a watch that will bring news. */
  asked: { list: number; watch: number };
}

/** How long a test may take to come to rest, in real time. */
const patienceMs = 90_000;
/** Looks without news after which a watch is one that a fault keeps silent: a second and more. */
const silentLooks = 500;

/**
 * Runs controllers against fake apiservers (one per cluster name) with a clock that the test moves.
 *
 * ```ts
 * await using server = await startFakeApiserver({ kinds });
 * await using harness = new ControllerHarness({ default: server });
 * const widgets = harness.informer(Widget);
 * harness.start(defineController({ name: 'widget', for: { informer: widgets }, … }));
 * await harness.settle();              // until nothing is to do but what waits for its time
 * await harness.advance(60_000);       // a minute later
 * ```
 */
export class ControllerHarness implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly logger = recordingLogger();
  readonly metrics = runtimeMetrics(undefined, { process: false });
  /** What was recorded, in order, with the cluster. */
  readonly events: (EventInput & { on: string })[] = [];
  readonly clients: Readonly<Record<string, KubeClient>>;
  /** Set to false: this process must not write any more. */
  mayWrite = true;
  readonly #servers: Readonly<Record<string, ServerUnderTest>>;
  readonly #informers: Followed[] = [];
  readonly #controllers: Controller[] = [];
  readonly #runs: Promise<void>[] = [];
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();
  readonly #end = new AbortController();

  constructor(servers: Readonly<Record<string, ServerUnderTest>>) {
    this.#servers = servers;
    // Trying again is left to the queue, so that rest is when nothing is being worked on.
    const retry = { maxAttempts: 1, maxAskedAttempts: 1 };
    this.clients = Object.fromEntries(
      Object.entries(servers).map(([on, server]) => [on, server.client({ clock: this.clock, retry })]),
    );
  }

  informer<T extends KubeObject>(
    type: ResourceType<T>,
    { on = 'default', namespace }: { on?: string; namespace?: string } = {},
  ): Informer<T> {
    const asked = { list: 0, watch: 0 };
    const client = observed(this.clients[on] as KubeClient, asked);
    const informer = newInformer<T>({ client, type, namespace, clock: this.clock, logger: this.logger, freeze: true });
    this.#informers.push({ on, informer: informer, namespace, asked });
    informer.start(this.#end.signal);
    return informer;
  }

  start<T extends KubeObject, W>(definition: ControllerDefinition<T, W>): Controller<T, W> {
    const recorder = (on: string) => ({ record: (event: EventInput) => void this.events.push({ ...event, on }) });
    const controller = new Controller(definition, {
      clock: this.clock,
      logger: this.logger,
      clients: this.clients,
      recorders: Object.fromEntries(Object.keys(this.clients).map((on) => [on, recorder(on)])),
      fieldManager: 'harness',
      mayWrite: () => this.mayWrite,
      metrics: this.metrics.controllers.of(definition.name),
      queueMetrics: this.metrics.queues.of(definition.name),
      random: () => 0.5,
    });
    this.metrics.queues.observe(definition.name, controller.queue);
    this.#controllers.push(controller as unknown as Controller);
    this.#runs.push(controller.run(this.#stop.signal, this.#kill.signal));
    return controller;
  }

  /** Waits until caches have all that will come now and nothing is to do now. @throws Error after a minute and a half. */
  async settle(): Promise<void> {
    let former = '';
    let still = 0;
    let rested = 0;
    await this.until(() => {
      const isQuiet = this.#isQuiet();
      rested = isQuiet && this.#informers.every((each) => this.#hasAll(each)) ? rested + 1 : 0;
      const state = JSON.stringify(this.#informers.map(({ informer }) => [informer.resourceVersion, informer.size]));
      still = isQuiet && state === former ? still + 1 : 0;
      former = state;
      return rested >= 3 || still >= silentLooks;
    });
  }

  /** Waits until the condition holds. @throws Error after a minute and a half. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${condition.toString()}`);
      // Polls: what is waited for comes over sockets.
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Moves time on, timer by timer, and waits for what that leads to. */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now().getTime() + ms;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop
      await this.settle();
      const next = this.clock.nextAt()?.getTime();
      if (next === undefined || next > end) break;
      this.clock.advance(next - this.clock.now().getTime());
    }
    this.clock.advance(end - this.clock.now().getTime());
    await this.settle();
  }

  /** Takes no more work, lets what runs finish, and resolves. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#runs);
  }

  /** Cuts off what runs. */
  kill(): void {
    this.#kill.abort(new Error('killed'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    this.#stop.abort();
    this.#end.abort();
    await Promise.all(Object.values(this.clients).map((client) => client.close()));
  }

  /** Nothing is due and nothing is being worked on. */
  #isQuiet(): boolean {
    const next = this.clock.nextAt();
    return (
      (next === undefined || next > this.clock.now()) &&
      this.#controllers.every(({ queue }) => queue.length === 0 && queue.working === 0)
    );
  }

  #hasAll({ on, informer, namespace, asked }: Followed): boolean {
    if (asked.list > 0) return false;
    // Its watch broke, and it waits for its time to watch again.
    if (asked.watch === 0) return true;
    if (!informer.hasSynced()) return false;
    const stored = this.#servers[on]?.list(informer.type, namespace) ?? [];
    return (
      stored.length === informer.size &&
      stored.every(({ metadata }) => {
        const cached = informer.get(metadata.namespace, metadata.name);
        return cached?.metadata.resourceVersion === metadata.resourceVersion;
      })
    );
  }
}

/** The client, which counts what is asked and not answered to its end. */
function observed(client: KubeClient, asked: Followed['asked']): KubeClient {
  return {
    ...client,
    async list(type, options) {
      asked.list++;
      try {
        return await client.list(type, options);
      } finally {
        asked.list--;
      }
    },
    async *watch(type, options) {
      asked.watch++;
      try {
        yield* client.watch(type, options);
      } finally {
        asked.watch--;
      }
    },
  };
}
