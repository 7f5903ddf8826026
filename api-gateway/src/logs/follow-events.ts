import { isUpstreamEnd, type Task, upstreamWorkflowStatus, type Workflow } from '@osmo/crds';
import type { Clock } from '@osmo/kube';
import type { EventFeed } from './event-feeds.ts';
import {
  aboutOf,
  type CoreEvent,
  eventLine,
  inOrder,
  isAbout,
  podNamespacesOf,
  type Subject,
  subjectsOf,
} from './events.ts';
import type { WatchedWorkflow } from './watched-workflow.ts';

/** Events are sent after the status that they tell of: so long the last ones are waited for when a workflow has ended. */
const lastEventsMs = 2_000;

export interface FollowEventsRequest {
  workflow: Workflow;
  now: WatchedWorkflow;
  feeds: { open(namespace: string): EventFeed };
  /** Only of this task. */
  taskName?: string | undefined;
  /** Only of this attempt's pods. */
  attempt?: number | undefined;
  clock: Clock;
}

/**
 * The events of a workflow, its tasks and their pods as lines of text: what there is, oldest first, and then what comes until
 * it ends. A repeated event is told again when it has been repeated.
 */
export async function* followEvents(request: FollowEventsRequest, signal: AbortSignal): AsyncGenerator<string> {
  const following = new Following(request, signal);
  try {
    yield* following.lines();
  } finally {
    following.stop();
  }
}

class Following {
  readonly #request: FollowEventsRequest;
  readonly #signal: AbortSignal;
  /** By what events are about. */
  readonly #subjects = new Map<string, Subject>();
  readonly #feeds = new Map<string, EventFeed>();
  /** What is to be told, by UID: so there are never more than the namespace has. */
  #waiting = new Map<string, CoreEvent>();
  readonly #told = new Map<string, string>();
  readonly #stops: (() => void)[] = [];
  /** Whether something has changed since it was last looked at. */
  #changed = false;
  #resume: () => void = () => undefined;

  constructor(request: FollowEventsRequest, signal: AbortSignal) {
    this.#request = request;
    this.#signal = signal;
  }

  async *lines(): AsyncGenerator<string> {
    const { workflow, taskName, clock } = this.#request;
    const { name = '' } = workflow.metadata;
    const wake = (): void => this.#wake();
    this.#signal.addEventListener('abort', wake, { once: true });
    this.#stops.push(
      () => this.#signal.removeEventListener('abort', wake),
      this.#request.now.listen((task) => {
        if (task !== undefined) this.#learn([task]);
        wake();
      }),
    );
    this.#learn(this.#request.now.read()?.tasks ?? []);
    await this.#synced();
    let last = false;
    while (!this.#signal.aborted) {
      this.#changed = false;
      const over = this.#isOver();
      const batch = inOrder(this.#waiting.values());
      this.#waiting = new Map();
      for (const event of batch) {
        const about = this.#subjects.get(aboutOf(event)) ?? { name, attempt: 0 };
        if (taskName === undefined || about.name === taskName) yield eventLine(event, about);
      }
      if (last) return;
      // oxlint-disable-next-line no-await-in-loop
      await (over ? this.#pause(clock, lastEventsMs) : this.#news());
      last = over;
      // A pod in a namespace that none was in before.
      // oxlint-disable-next-line no-await-in-loop
      await this.#synced();
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    for (const feed of this.#feeds.values()) feed.release();
    this.#feeds.clear();
  }

  #isOver(): boolean {
    const now = this.#request.now.read();
    return now === undefined || isUpstreamEnd(upstreamWorkflowStatus(now.workflow));
  }

  /** Takes in what is new about tasks: their names and their pods' names, and what there is about these. */
  #learn(tasks: readonly Task[]): void {
    const { workflow, attempt } = this.#request;
    const found = subjectsOf(workflow, tasks, attempt);
    for (const namespace of podNamespacesOf(workflow, tasks)) this.#open(namespace);
    for (const [key, subject] of found) {
      const known = this.#subjects.get(key);
      if (known !== undefined && known.uid === subject.uid) continue;
      this.#subjects.set(key, subject);
      for (const feed of this.#feeds.values()) for (const event of feed.about(key)) this.#take(event);
    }
  }

  #open(namespace: string): void {
    if (this.#feeds.has(namespace)) return;
    const feed = this.#request.feeds.open(namespace);
    this.#feeds.set(namespace, feed);
    this.#stops.push(
      feed.listen((event) => {
        if (this.#subjects.has(aboutOf(event))) this.#take(event);
      }),
    );
    for (const key of this.#subjects.keys()) for (const event of feed.about(key)) this.#take(event);
  }

  #take(event: CoreEvent): void {
    if (!isAbout(event, this.#subjects.get(aboutOf(event)))) return;
    const { uid = '', resourceVersion = '' } = event.metadata;
    // A feed that reads all anew may tell again of what it has told.
    if (this.#told.get(uid) === resourceVersion) return;
    this.#told.set(uid, resourceVersion);
    this.#waiting.set(uid, event);
    this.#wake();
  }

  async #synced(): Promise<void> {
    await Promise.all([...this.#feeds.values()].map(({ synced }) => this.#unlessAborted(synced)));
  }

  #unlessAborted(promise: Promise<void>): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#signal.addEventListener('abort', () => resolve(), { once: true });
      promise.then(resolve, reject);
    });
  }

  #wake(): void {
    this.#changed = true;
    this.#resume();
  }

  /** Until something has changed since it was last looked at. */
  async #news(): Promise<void> {
    if (this.#changed || this.#signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }

  async #pause(clock: Clock, ms: number): Promise<void> {
    if (this.#signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimeout(ms, resolve);
      this.#resume = () => {
        if (!this.#signal.aborted) return;
        cancel();
        resolve();
      };
    });
  }
}
