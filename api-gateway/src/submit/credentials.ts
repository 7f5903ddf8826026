import { type Credential, credentialSecret, isUserSecret, type WorkflowSpecInput } from '@osmo/crds';
import { type KubeClient, Secret } from '@osmo/kube';
import { sameName } from '../credentials/entries.ts';

/** Something that is wrong with a credential that a workflow names, at a field of the Workflow. */
export interface CredentialProblem {
  path: string;
  message: string;
}

/** Names that nobody has an entry for and that are looked for among Secrets. */
const mostLookups = 32;
const timeoutMs = 5_000;

type Task = NonNullable<WorkflowSpecInput['tasks']>[number];
type Named = NonNullable<Task['credentials']>[number];

/** Whether a workflow names credentials, or moves data that they may be for. */
export function mayNeedCredentials(spec: WorkflowSpecInput): boolean {
  return tasksOf(spec).some(
    ({ credentials = [], inputs = [], outputs = [], checkpoints = [] }) =>
      credentials.length > 0 ||
      checkpoints.length > 0 ||
      [...inputs, ...outputs].some((item) => !('task' in item) || item.task === undefined),
  );
}

/**
 * The names of credentials in a workflow as names of their Secrets: the submitter's own, then the shared one, then a Secret of that name that was
 * made by kubectl. What somebody else submitted and named theirs for is the submitter's own of the same name.
 *
 * @param entries that the submitter may use, their own first
 * @param isThere whether there is a Secret of that name
 */
export async function withSecretNames(
  spec: WorkflowSpecInput,
  entries: readonly Credential[],
  isThere: (name: string) => Promise<boolean>,
): Promise<{ spec: WorkflowSpecInput; problems: CredentialProblem[] }> {
  const problems: CredentialProblem[] = [];
  const there = await lookedUp(spec, entries, isThere);
  const named = (task: Task, path: string): Task => {
    if (task.credentials === undefined) return task;
    const credentials = task.credentials.map((credential, index): Named => {
      const at = `${path}.credentials[${index}]`;
      const wanted = plainName(credential.name);
      const found = entryFor(wanted, entries);
      if (found === undefined) {
        if (there.has(credential.name)) return credential;
        problems.push({ path: `${at}.name`, message: unknown(wanted, entries) });
        return credential;
      }
      if (found.spec.type !== 'Generic') {
        const type = found.spec.type.toUpperCase();
        const message = `${JSON.stringify(wanted)}: a credential of type ${type} applies by itself; remove it here`;
        problems.push({ path: `${at}.name`, message });
      }
      for (const [number, { key }] of (credential.env ?? []).entries()) {
        if (found.spec.type !== 'Generic' || found.spec.keys.length === 0 || found.spec.keys.includes(key)) continue;
        const message = `${JSON.stringify(key)}: no key of credential ${wanted}; it has ${found.spec.keys.join(', ')}`;
        problems.push({ path: `${at}.env[${number}].key`, message });
      }
      return { ...credential, name: credentialSecret(found) };
    });
    return { ...task, credentials };
  };
  const tasks = spec.tasks?.map((task, index) => named(task, `spec.tasks[${index}]`));
  const groups = spec.groups?.map((group, at) => ({
    ...group,
    tasks: group.tasks.map((task, index) => named(task, `spec.groups[${at}].tasks[${index}]`)),
  }));
  return {
    spec: { ...spec, ...(tasks !== undefined && { tasks }), ...(groups !== undefined && { groups }) },
    problems,
  };
}

/**
 * Tells whether there is a Secret of a name, by trying whether one could be made: nothing of it is read, and nothing is made.
 *
 * @param own acts as the gateway itself
 */
export function secretLookup(
  own: Pick<KubeClient, 'create'>,
  namespace: string,
  signal: AbortSignal,
): (name: string) => Promise<boolean> {
  return async (name) => {
    // As a policy wants those to be that the gateway makes.
    const owner = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Credential', name: 'look-up', uid: 'look-up' };
    const metadata = {
      ...{ name, namespace, ownerReferences: [owner] },
      labels: { 'osmo.dev/credential-type': 'generic' },
    };
    try {
      await own.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata }, { dryRun: true, signal, timeoutMs });
      return false;
    } catch {
      signal.throwIfAborted();
      // There is one (409); that it can't be found out says nothing against it: the task then says so.
      return true;
    }
  };
}

async function lookedUp(
  spec: WorkflowSpecInput,
  entries: readonly Credential[],
  isThere: (name: string) => Promise<boolean>,
): Promise<Set<string>> {
  const names = tasksOf(spec).flatMap(({ credentials = [] }) => credentials.map(({ name }) => name));
  const open = [...new Set(names)].filter((name) => entryFor(plainName(name), entries) === undefined);
  const found = await Promise.all(
    open.map(async (name, index) => !isUserSecret(name) && (index >= mostLookups || (await isThere(name)))),
  );
  return new Set(open.filter((_, index) => found[index]));
}

function tasksOf({ tasks = [], groups = [] }: WorkflowSpecInput): Task[] {
  return [...tasks, ...groups.flatMap((group) => group.tasks)];
}

/** The name in a recipe of what may be the Secret of somebody's own. */
function plainName(name: string): string {
  return isUserSecret(name) ? name.replace(/^user-[0-9a-f]{16}-(generic-)?/, '') : name;
}

function entryFor(name: string, entries: readonly Credential[]): Credential | undefined {
  const same = entries.filter(({ spec }) => sameName(spec.name, name));
  return same.find(({ spec }) => spec.type === 'Generic') ?? same[0];
}

function unknown(name: string, entries: readonly Credential[]): string {
  const usable = entries.filter(({ spec }) => spec.type === 'Generic').map(({ spec }) => spec.name);
  const most = 20;
  const list = [...new Set(usable)].slice(0, most).join(', ') || 'none';
  return `${JSON.stringify(name)}: no credential of yours, and none that the namespace shares; there are ${list}. Make it first: osmo credential set ${name}`;
}
