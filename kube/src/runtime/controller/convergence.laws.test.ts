import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ConfigMap } from '../../client/kinds/core.ts';
import { resourceType } from '../../client/resource.ts';
import type { KubeObject } from '../../client/types.ts';
import { type Effect, type FakeApiserver, type RequestInfo, startFakeApiserver } from '../../testing/index.ts';
import { controllerRef } from '../objects/owners.ts';
import type { Plan } from '../plan.ts';
import { ControllerHarness } from '../testing/controller-harness.ts';
import { defineController, owning } from './definition.ts';

interface Widget extends KubeObject {
  spec: { children: number };
  status?: { children?: number };
}
const Widget = resourceType<Widget>({
  group: 'test.dev',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
});
const finalizer = 'test.dev/children';

interface World {
  widget: Widget;
  children: readonly ConfigMap[];
}

/** Children 0 to n-1, no others; a status that counts them; all of them gone before the Widget goes. */
function plan({ widget, children }: World): Plan<Widget> {
  const isDeleting = widget.metadata.deletionTimestamp !== undefined;
  const count = isDeleting ? 0 : widget.spec.children;
  const names = Array.from({ length: count }, (_, i) => `${widget.metadata.name}-${i}`);
  const have = new Set(children.map(({ metadata }) => metadata.name));
  const remove = children
    .filter(({ metadata }) => !names.includes(metadata.name))
    .map(({ metadata: { name, uid = '' } }) => ({ type: ConfigMap, namespace: 'default', name, uid }));
  if (isDeleting) return { remove, ...(children.length === 0 && { finalizers: { remove: [finalizer] } }) };
  return {
    finalizers: { add: [finalizer] },
    remove,
    apply: names
      .filter((name) => !have.has(name))
      .map((name) => ({
        mode: 'create',
        type: ConfigMap,
        object: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, namespace: 'default', ownerReferences: [controllerRef(widget, Widget)] },
        },
      })),
    status: { children: children.length },
  };
}

const effect: fc.Arbitrary<Effect> = fc.oneof(
  fc.constantFrom(500, 503, 409, 429, 504).map((status) => ({ respond: { status } })),
  fc.constantFrom('before' as const, 'after' as const).map((reset) => ({ reset })),
);
const verbs: readonly RequestInfo['verb'][] = ['create', 'delete', 'patch', 'apply'];
const fault = fc.record({
  verb: fc.constantFrom(...verbs),
  effect,
  times: fc.integer({ min: 1, max: 6 }),
  skip: fc.nat(8),
});
const name = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ do: fc.constant('scale' as const), name, children: fc.nat(6) }),
  fc.record({ do: fc.constant('remove' as const), name }),
  fc.record({ do: fc.constant('meddle' as const), name }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(200) }),
  fc.record({ do: fc.constant('cut' as const) }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Does it as somebody else would. */
function act(server: FakeApiserver, each: Exclude<Step, { do: 'wait' }>) {
  const ref = 'name' in each ? { namespace: 'default', name: each.name } : undefined;
  if (each.do === 'cut') return server.closeWatches();
  if (ref === undefined) return;
  const widget = server.get(Widget, ref);
  if (each.do === 'scale' && widget === undefined) {
    const metadata = { name: ref.name, namespace: 'default' };
    server.seed(Widget, { apiVersion: 'test.dev/v1', kind: 'Widget', metadata, spec: { children: each.children } });
  } else if (each.do === 'scale') {
    server.update(Widget, ref, (w) => (w.spec.children = each.children));
  } else if (each.do === 'remove' && widget !== undefined) {
    server.remove(Widget, ref);
  } else if (each.do === 'meddle') {
    const child = { namespace: 'default', name: `${ref.name}-0` };
    if (server.get(ConfigMap, child) !== undefined) server.remove(ConfigMap, child);
  }
}

describe('convergence', () => {
  test('whatever happens to requests, connections and objects: in the end the world is as wanted, and stays so', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 15 }),
        fc.array(fault, { maxLength: 6 }),
        async (steps, faults) => {
          await using server = await startFakeApiserver({ kinds: [{ type: Widget, status: true }] });
          await using harness = new ControllerHarness({ default: server });
          for (const { verb, ...rest } of faults) server.inject({ ...rest, on: (request) => request.verb === verb });
          const widgets = harness.informer(Widget);
          const maps = harness.informer(ConfigMap);
          harness.start(
            defineController<Widget, World>({
              name: 'widget',
              for: { informer: widgets },
              owns: [owning({ informer: maps })],
              maxWritesPerReconcile: 4,
              // All 36 faults may strike the same object.
              backoff: { baseMs: 5, maxMs: 2000 },
              observe: ({ namespace, name: n }) => {
                const widget = widgets.get(namespace, n);
                const uid = widget?.metadata.uid;
                const own = ({ metadata }: ConfigMap) => metadata.ownerReferences?.some((owner) => owner.uid === uid);
                return widget && { widget, children: maps.list(namespace).filter(own) };
              },
              plan,
            }),
          );
          for (const each of steps) {
            // oxlint-disable-next-line no-await-in-loop
            if (each.do === 'wait') await harness.advance(each.ms);
            else act(server, each);
          }
          await harness.advance(120_000);
          const want = server
            .list(Widget)
            .flatMap((w) => Array.from({ length: w.spec.children }, (_, i) => `${w.metadata.name}-${i}`));
          expect(
            server
              .list(ConfigMap)
              .map(({ metadata }) => metadata.name)
              .toSorted(),
          ).toEqual(want.toSorted());
          for (const widget of server.list(Widget)) {
            expect(widget.metadata.deletionTimestamp).toBeUndefined();
            expect(widget.status?.children).toBe(widget.spec.children);
          }
          const writes = server.writes.length;
          await harness.advance(5_000);
          expect(server.writes.length).toBe(writes);
        },
      ),
      { numRuns: 30 },
    );
  });
});
