import type { BackendShape, Platform, Toleration } from '@osmo/crds';

/** Shapes whose labels the platform selects and whose taints it tolerates; a soft taint keeps nothing away. */
export function matchingShapes(platform: Platform, shapes: readonly BackendShape[]): BackendShape[] {
  const selector = Object.entries(platform.spec.nodeSelector ?? {});
  const tolerations = platform.spec.tolerations ?? [];
  return shapes.filter(
    (shape) =>
      selector.every(([key, value]) => shape.labels[key] === value) &&
      shape.taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerated(taint, tolerations)),
  );
}

// The rule of core/v1: no key with Exists tolerates all, no effect matches all effects, Equal is the default.
function tolerated(taint: BackendShape['taints'][number], tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => {
    if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
    if (toleration.key === undefined || toleration.key === '') return toleration.operator === 'Exists';
    if (toleration.key !== taint.key) return false;
    return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
  });
}
