import type { WorkflowInput, WorkflowSpecInput } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import { describeRecipeProblem, type RecipeProblem } from '@osmo/workflow-spec';
import { RequestError } from '../http/errors.ts';
import type { CredentialProblem } from './credentials.ts';
import type { Locate } from './refusal.ts';

/** Who is asked about what a recipe alone doesn't tell. */
export interface Around {
  /** The pool to run in. @throws RequestError when there is none that takes work */
  poolOf(spec: WorkflowSpecInput): string;
  /** The spec with the names of credentials as the API has them. */
  named(spec: WorkflowSpecInput): Promise<{ spec: WorkflowSpecInput; problems: readonly CredentialProblem[] }>;
  /** Has it judged and stores nothing. @throws KubeError with causes by field when it is refused */
  tried(spec: WorkflowSpecInput): Promise<unknown>;
  locate: Locate;
}

/**
 * What pool, credentials and data have to say of a recipe with problems, as lines behind those: so that all is told at once. Nothing is said of a
 * field twice, nor of parts of what could not be read.
 */
export async function furtherLines(
  draft: WorkflowInput | undefined,
  told: readonly RecipeProblem[],
  around: Around,
): Promise<string[]> {
  if (draft === undefined) return [];
  let pool: string;
  try {
    pool = around.poolOf(draft.spec);
  } catch (error) {
    if (error instanceof RequestError) return [error.message];
    throw error;
  }
  const { spec, problems } = await around.named({ ...draft.spec, pool });
  const found = [...problems, ...(await refusedFields(spec, around))];
  const places = found.length === 0 ? {} : await around.locate(found.map(({ path }) => path));
  const known = new Set(told.flatMap(({ path }) => path ?? []));
  const lines = found.flatMap(({ path, message }) => {
    const place = Object.hasOwn(places, path) ? places[path] : undefined;
    if (isToldOf(place?.path ?? path, known)) return [];
    if (place !== undefined) known.add(place.path);
    return [describeRecipeProblem({ ...(place ?? { path }), message })];
  });
  return [...new Set(lines)];
}

/** By field of the Workflow; nothing where it can't be tried now. */
export async function refusedFields(
  spec: WorkflowSpecInput,
  { tried }: Pick<Around, 'tried'>,
): Promise<CredentialProblem[]> {
  try {
    await tried(spec);
    return [];
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const isRefusal = error.status === 400 || error.status === 422;
    const causes = isRefusal ? (error.details?.causes ?? []) : [];
    return causes.map(({ field = 'spec', message = '' }) => ({ path: field, message }));
  }
}

/** Whether something was said of this, of what it is part of, or of what it depends on. */
function isToldOf(path: string, told: ReadonlySet<string>): boolean {
  if (told.has(path)) return true;
  const all = [...told];
  const isWithin = (of: string): boolean => all.some((each) => isPart(each, of));
  if (path.startsWith('workflow.labels')) return isWithin('workflow.labels');
  if (path.endsWith('.resource') && isWithin('workflow.resources')) return true;
  // What is allowed depends on the platform.
  if (/\.(privileged|hostNetwork|volumeMounts)\b/.test(path) && all.some((each) => platform.test(each))) return true;
  const entry = /^workflow\.resources\.[^.[]+/.exec(path)?.[0];
  if (entry !== undefined) return isWithin(entry);
  return all.some((each) => !wholes.test(each) && isPart(path, each));
}

const isPart = (path: string, of: string): boolean =>
  path === of || path.startsWith(`${of}.`) || path.startsWith(`${of}[`);
/** Of which something may be told, as a cycle, while their parts were read. */
const wholes = /^workflow(\.groups\[\d+\])?(\.tasks(\[\d+\])?)?$/;
const platform = /^workflow\.resources(\.[^.[]+(\.platform)?)?$/;
