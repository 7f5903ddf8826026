import type { TaskTemplateInput, WorkflowSpecInput } from '@osmo/crds';

/*
 * What stands where a recipe says nothing that can be read, so that everything else keeps its place and can be judged. A workflow with one of
 * these in it has a problem that was told, and is never run.
 */

type Item<
  Key extends 'inputs' | 'outputs' | 'files' | 'credentials' | 'volumeMounts' | 'exitActions' | 'checkpoints' | 'kpis',
> = NonNullable<TaskTemplateInput[Key]>[number];

const url = 's3://unread';

/** A name that no other field of the Workflow gets; `path` is where it stands. */
export const unreadName = (path: string): string => `osmo-unread${path.replaceAll(/\D+/g, '-').replace(/-$/, '')}`;
export const unreadImage = 'unread';
export const unreadCommand: readonly string[] = ['unread'];
export const unreadInput: Item<'inputs'> = { url: { url } };
export const unreadOutput: Item<'outputs'> = { url: { url } };
export const unreadFile = (index: number): Item<'files'> => ({ path: `/unread/file-${index}`, contents: '' });
export const unreadCredential = (index: number): Item<'credentials'> => ({
  name: `unread-${index}`,
  mountPath: `/unread/credential-${index}`,
});
export const unreadMount = (index: number): Item<'volumeMounts'> => ({
  hostPath: '/unread',
  mountPath: `/unread/mount-${index}`,
});
export const unreadExitAction: Item<'exitActions'> = { action: 'Fail', exitCodes: '255' };
export const unreadCheckpoint: Item<'checkpoints'> = { path: '/unread/checkpoint', url, frequencySeconds: 60 };
export const unreadKpi = (index: number): Item<'kpis'> => ({ index: `unread-${index}`, path: 'unread' });
export const unreadTask = (path: string): TaskTemplateInput => ({
  name: unreadName(path),
  image: unreadImage,
  command: [...unreadCommand],
});

type Task = TaskTemplateInput;

/** Of parts of a task that the schema has refused; other parts are taken by the rules as they are. */
const ofPart: Readonly<Record<string, (task: Task, index: number) => Partial<Task>>> = {
  image: () => ({ image: unreadImage }),
  command: () => ({ command: [...unreadCommand] }),
  inputs: (task, index) => ({ inputs: replaced(task.inputs, index, unreadInput) }),
  outputs: (task, index) => ({ outputs: replaced(task.outputs, index, unreadOutput) }),
  files: (task, index) => ({ files: replaced(task.files, index, unreadFile(index)) }),
  credentials: (task, index) => ({ credentials: replaced(task.credentials, index, unreadCredential(index)) }),
  volumeMounts: (task, index) => ({ volumeMounts: replaced(task.volumeMounts, index, unreadMount(index)) }),
  exitActions: (task, index) => ({ exitActions: replaced(task.exitActions, index, unreadExitAction) }),
  checkpoints: (task, index) => ({ checkpoints: replaced(task.checkpoints, index, unreadCheckpoint) }),
};

const replaced = <T>(items: readonly T[] | undefined, index: number, item: T): T[] => (items ?? []).with(index, item);

/** The spec with stand-ins for what is wrong in its tasks: the rules take what the schema has let pass. */
export function withStandIns(spec: WorkflowSpecInput, wrong: readonly { readonly path: string }[]): WorkflowSpecInput {
  const changes = new Map<string, [part: string, index: number][]>();
  for (const { path } of wrong) {
    const [, task, part = '', index] =
      /^spec\.((?:groups\[\d+\]\.)?tasks\[\d+\])\.(\w+)(?:\[(\d+)\])?/.exec(path) ?? [];
    const isItem = index !== undefined || part === 'image' || part === 'command';
    if (task === undefined || !isItem) continue;
    const known = changes.get(task);
    if (known === undefined) changes.set(task, [[part, Number(index ?? 0)]]);
    else known.push([part, Number(index ?? 0)]);
  }
  const changed = (task: Task, path: string): Task =>
    (changes.get(path) ?? []).reduce((now, [part, index]) => Object.assign(now, ofPart[part]?.(now, index)), {
      ...task,
    });
  const { tasks, groups } = spec;
  return {
    ...spec,
    ...(tasks && { tasks: tasks.map((task, index) => changed(task, `tasks[${index}]`)) }),
    ...(groups && {
      groups: groups.map((group, at) => ({
        ...group,
        tasks: group.tasks.map((task, index) => changed(task, `groups[${at}].tasks[${index}]`)),
      })),
    }),
  };
}
