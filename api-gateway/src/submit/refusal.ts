import { KubeError } from '@osmo/kube';
import { describeRecipeProblem, type RecipePlace, type RecipeProblem } from '@osmo/workflow-spec';
import { type ErrorCode, RequestError, toRequestError } from '../http/errors.ts';

/**
 * What a submission is told that the apiserver refused, in upstream's codes: RESOURCE when it is all about what tasks ask for, CREDENTIAL
 * when it is all about credentials, else USAGE. Anything else than a refusal of the spec is returned as it is.
 *
 * @param locate finds the places in the recipe of fields of the Workflow, by field; without a recipe there are none
 */
export async function asSubmissionError(error: unknown, locate?: Locate): Promise<unknown> {
  if (!(error instanceof KubeError) || (error.status !== 400 && error.status !== 422)) return error;
  const { message } = toRequestError(error);
  return new RequestError(400, codeOf(error), (locate && (await messageInRecipe(error, locate))) ?? message);
}

/**
 * What a submission is told that names credentials which aren't there, or keys that they don't have: each with its place in the recipe.
 *
 * @param others what else is wrong with it
 */
export async function asCredentialError(
  problems: readonly FieldMessage[],
  others: readonly FieldMessage[],
  locate?: Locate,
): Promise<RequestError> {
  const most = 50;
  const of = new Set(problems.map(({ path }) => path));
  const besides = others.filter(({ path }) => !of.has(path));
  const told = [...problems, ...besides].slice(0, most);
  const places = (await locate?.(told.map(({ path }) => path))) ?? {};
  const lines = told.map(({ path, message }) => {
    const place = Object.hasOwn(places, path) ? places[path] : undefined;
    return describeRecipeProblem({ ...(place ?? { path }), message });
  });
  return new RequestError(400, besides.length === 0 ? 'CREDENTIAL' : 'USAGE', lines.join('\n'));
}

/** Something that is wrong with a field of the Workflow. */
export interface FieldMessage {
  readonly path: string;
  readonly message: string;
}

export type Locate = (fields: readonly string[]) => Promise<Readonly<Record<string, RecipePlace>>>;

/** Every cause with line and column of the recipe; undefined where none of them has a place there. */
async function messageInRecipe({ details }: KubeError, locate: Locate): Promise<string | undefined> {
  const causes = details?.causes ?? [];
  const places = await locate(causes.flatMap(({ field }) => field ?? []));
  if (Object.keys(places).length === 0) return undefined;
  const lines = causes.map(({ field = '', message = '' }) => {
    const place = Object.hasOwn(places, field) ? places[field] : undefined;
    return describeRecipeProblem({ ...(place ?? { path: field }), message });
  });
  return lines.join('\n');
}

/** Upstream's code for what is wrong with a recipe: RESOURCE when all of it is a `resource` of a task that names no entry, else USAGE. */
export function codeOfProblems(problems: readonly RecipeProblem[]): ErrorCode {
  return problems.length > 0 && problems.every(({ path = '' }) => /\.tasks\[\d+\]\.resource$/.test(path))
    ? 'RESOURCE'
    : 'USAGE';
}

function codeOf({ details }: KubeError): ErrorCode {
  const fields = (details?.causes ?? []).map(({ field = '' }) => field);
  const are = (about: RegExp): boolean => fields.length > 0 && fields.every((field) => about.test(field));
  if (are(/^spec\.(.*\.)?(resources?|platform)\b/)) return 'RESOURCE';
  if (are(/^spec\.(.*\.)?credentials\b/)) return 'CREDENTIAL';
  return 'USAGE';
}

/** Warnings about fields of the Workflow, told of the recipe's: each with its place there, where it has one. */
export async function warningsInRecipe(warnings: readonly string[], locate: Locate | undefined): Promise<string[]> {
  const read = warnings.map((text) => ({ text, field: /^(spec(?:\.\w+|\[[^\]]*\])+): /.exec(text)?.[1] ?? '' }));
  const fields = read.flatMap(({ field }) => (field === '' ? [] : [field]));
  if (locate === undefined || fields.length === 0) return [...warnings];
  const places = await locate(fields);
  return read.map(({ text, field }) => {
    const place = Object.hasOwn(places, field) ? places[field] : undefined;
    return place === undefined ? text : describeRecipeProblem({ ...place, message: text.slice(field.length + 2) });
  });
}
