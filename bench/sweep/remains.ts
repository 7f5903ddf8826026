import { Event, Pod, type ResourceType } from '@osmo/kube';
import { poll } from '../../hack/cluster/system/poll.ts';
import type { EtcdUse } from '../../hack/cluster/control-plane/etcd.ts';
import type { BenchContext } from '../bench.ts';
import { type Hub, newNamespace } from '../lab/hub.ts';
import { Tasks, Workflows } from '../lab/kinds.ts';
import { completed, submit, task } from '../lab/workloads.ts';

/** What etcd held before a workflow came, when it had ended, when its time was over, and then without its Events. */
export interface Remains {
  namespace: string;
  before: EtcdUse;
  ended: EtcdUse;
  /** Its Events are still there: the apiserver drops them after its `--event-ttl`. */
  gone: EtcdUse;
  withoutEvents: EtcdUse;
}

/**
 * Runs one entry of `count: size` to its end, ends its time to live, and looks at etcd before, between and after. Needs a
 * controller-manager, whose garbage collector deletes the Tasks.
 *
 * @throws Error that names what is left when not all of it goes
 */
export async function remainsOf(
  { client, plane, controllers, backendOperator }: Hub,
  { say, signal }: Pick<BenchContext, 'say' | 'signal'>,
  size: number,
): Promise<Remains> {
  const namespace = await newNamespace(client, 'bench-remains');
  const before = await plane.use();
  const giveUp = (): void => {
    signal.throwIfAborted();
    for (const program of [controllers, backendOperator]) program.check();
  };
  const waiting = { intervalMs: 1000, giveUp };
  const name = 'passing';
  say(`remains: ${size} tasks`);
  await submit(client, { namespace, name }, { tasks: [task('part', { count: size })] });
  const ends = async (): Promise<true | undefined> =>
    completed(await client.get(Workflows, { namespace, name })) ? true : undefined;
  await poll('the workflow to end', ends, { ...waiting, timeoutMs: 120_000 + size * 1000 });
  const ended = await plane.use();
  say('remains: its time is over');
  await client.patch(Workflows, { namespace, name }, { kind: 'merge', body: { spec: { ttlSecondsAfterFinished: 0 } } });
  const none = async (type: ResourceType): Promise<void> => {
    const { items } = await client.list(type, { namespace, limit: 1 });
    if (items.length > 0) throw new Error(`${type.plural} are left`);
  };
  const alone = async (): Promise<EtcdUse | undefined> => {
    // To defragment keeps etcd from all else: only when it's worth it.
    await Promise.all([Workflows, Tasks, Pod].map(none));
    const use = await plane.use();
    const left = leftIn(use, namespace);
    if (left.length === 0) return use;
    throw new Error(`${left.length} keys are left, such as ${left.slice(0, 3).join(', ')}`);
  };
  const gone = await poll('all of it to go', alone, { ...waiting, intervalMs: 3000, timeoutMs: 120_000 + size * 1000 });
  const untold = async (): Promise<true> => {
    await client.deleteCollection(Event, { namespace });
    await none(Event);
    return true;
  };
  await poll('its Events to go', untold, { ...waiting, timeoutMs: 120_000 });
  return { namespace, before, ended, gone, withoutEvents: await plane.use() };
}

/** What somebody made in a namespace, but for Events: its keys. */
export function leftIn({ keys }: EtcdUse, namespace: string): string[] {
  // Kubernetes makes these in every namespace, when it comes to it.
  const own = new Set([
    `/registry/serviceaccounts/${namespace}/default`,
    `/registry/configmaps/${namespace}/kube-root-ca.crt`,
  ]);
  return keys.filter((key) => key.includes(`/${namespace}/`) && !isEvent(key) && !own.has(key));
}

/** Whether it is the key of an Event. */
export const isEvent = (key: string): boolean => key.startsWith('/registry/events/');
