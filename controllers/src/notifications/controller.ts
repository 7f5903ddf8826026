import { FieldManagers, type Workflow } from '@osmo/crds';
import { changed, type ControllerDefinition, defineController, type Informer } from '@osmo/kube';
import { endOf } from '../archive/ended.ts';
import type { Deliver } from './deliver.ts';
import { noticeOf } from './notice.ts';
import { type Attempts, dueOf, heldUntil, type NoticeWorld, planNotices } from './plan.ts';
import type { NotificationSettings } from './settings.ts';
import { type People, targetsOf } from './targets.ts';

export interface NotificationOptions {
  readonly workflows: Informer<Workflow>;
  readonly settings: NotificationSettings;
  /** Absent: nobody has wishes of their own. */
  readonly people: People | undefined;
  readonly deliver: Deliver;
}

/** What others need to know of notifications. */
export interface Notifications {
  readonly controller: ControllerDefinition<Workflow, NoticeWorld>;
  /** Until when a workflow that has ended should stay for those who are still to be told. */
  heldUntil(workflow: Workflow): Date | undefined;
}

/**
 * Tells of the ends of workflows. Sending is a part of observing: whoever is told twice, since we died before it was
 * written down, hears the same id. What is still to be done follows from the status and the settings, so that nothing is lost
 * by a restart; a workflow that is to be deleted stays until all were told or given up.
 */
export function notifications({ workflows, settings, people, deliver }: NotificationOptions): Notifications {
  const attempts = new Map<string, Map<string, Attempts>>();
  const keyOf = ({ metadata, status }: Workflow): string => `${metadata.uid}/${status?.run ?? 0}`;
  workflows.onChange(({ old, new: now }) => {
    if (old !== undefined && (now === undefined || keyOf(old) !== keyOf(now))) attempts.delete(keyOf(old));
  });
  const controller = defineController<Workflow, NoticeWorld>({
    name: 'notifications',
    for: {
      informer: workflows,
      // What a workflow names may change after its end too.
      predicate: changed((workflow) => [
        endOf(workflow)?.getTime(),
        workflow.status?.run,
        workflow.metadata.generation,
      ]),
    },
    workers: 8,
    fieldManager: FieldManagers.notifications,
    async observe({ namespace, name }, { now, signal, logger }) {
      const workflow = workflows.get(namespace, name);
      const end = workflow && endOf(workflow);
      if (workflow === undefined || end === undefined) return undefined;
      const targets = targetsOf(workflow, settings, people);
      if (targets.length === 0) return undefined;
      const known = attempts.get(keyOf(workflow)) ?? new Map<string, Attempts>();
      const world = { now, workflow, end, targets: targets.map(({ id }) => id), attempts: known };
      const due = new Set(dueOf(world));
      if (due.size > 0) attempts.set(keyOf(workflow), known);
      const notice = noticeOf(workflow, end, settings.publicUrl);
      await Promise.all(
        targets
          .filter(({ id }) => due.has(id))
          .map(async (target) => {
            const last = await deliver(target, notice, signal);
            known.set(target.id, { count: (known.get(target.id)?.count ?? 0) + 1, last, at: now });
            if (last.state === 'Failed')
              logger.warn('a notification was not taken', { target: target.id, reason: last.message });
          }),
      );
      return world;
    },
    plan: planNotices,
  });
  return {
    controller,
    heldUntil(workflow) {
      const end = endOf(workflow);
      if (end === undefined) return undefined;
      return heldUntil({ workflow, end, targets: targetsOf(workflow, settings, people).map(({ id }) => id) });
    },
  };
}
