import { ConditionTypes, PlatformReasons } from '@osmo/crds';
import type { Backend, Platform } from '@osmo/crds';
import type { Plan } from '@osmo/kube';
import { conditionsOf, type ConditionNow } from '../conditions.ts';
import { matchingShapes } from '@osmo/workflow-spec/admission';

/** All that the plan of one platform depends on. */
export interface PlatformWorld {
  readonly now: Date;
  readonly platform: Platform;
  readonly backends: readonly Backend[];
}

/** Most backends that a status lists. */
const backendLimit = 64;

/** Says on which backends the platform is to be found. */
export function planPlatform({ platform, backends, now }: PlatformWorld): Plan<Platform> {
  if (platform.metadata.deletionTimestamp !== undefined) return {};
  const { generation } = platform.metadata;
  const found = backends
    .map((backend) => {
      const shapes = matchingShapes(platform, backend.status?.shapes ?? []);
      const nodes = shapes.reduce((sum, shape) => sum + shape.count, 0);
      return { name: backend.metadata.name, nodes, shapes: shapes.length };
    })
    .filter((backend) => backend.nodes > 0)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const ready = { type: ConditionTypes.ready, ...readiness(platform, found.length > 0) };
  return {
    status: {
      conditions: conditionsOf(platform.status?.conditions, [ready], { at: now, generation }),
      ...(generation !== undefined && { observedGeneration: generation }),
      backends: found.slice(0, backendLimit),
    },
  };
}

function readiness(platform: Platform, found: boolean): Omit<ConditionNow, 'type'> {
  if (found) return { status: 'True', reason: PlatformReasons.matchingNodes, message: '' };
  if ((platform.spec.nodeShapes ?? []).length > 0) {
    const message = 'no node is there now; spec.nodeShapes says what can be started';
    return { status: 'True', reason: PlatformReasons.declaredShapes, message };
  }
  const message =
    'no node of any backend has the labels of spec.nodeSelector and only taints of spec.tolerations, and spec.nodeShapes is empty';
  return { status: 'False', reason: PlatformReasons.noMatchingNode, message };
}
