import { statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { type GatewayClient, segment } from '../../http/client.ts';
import type { QueryValue } from '../../http/query.ts';
import type { Session } from '../../session.ts';
import type { Input, OptionSpec } from '../../verb.ts';
import { missingFiles, readLocalFiles } from './local-files.ts';
import { readText } from './read-text.ts';

/** What a submission is answered with, in upstream's shape. */
export interface Submitted {
  name: string;
  overview: string | null;
  logs: string | null;
  spec: string | null;
  dashboard_url: string | null;
  warnings?: readonly string[];
}

/** Options of what reads a recipe. */
export const recipeOptions: readonly OptionSpec[] = [
  {
    flags: '-p, --pool <name>',
    description: "pool to run in; the recipe's, the context's, the profile's or the only one when not given",
  },
  { flags: '--set <name=value...>', description: 'variables of the template; what reads as a number is one' },
  { flags: '--set-string <name=value...>', description: 'variables of the template, as texts' },
  { flags: '--label <key=value...>', description: "labels, over the recipe's own" },
  { flags: '--namespace <name>', description: "namespace to submit to; the context's or the gateway's when not given" },
];

/** A recipe that was read from a file: its text, and where the files that it names are. */
export interface Recipe {
  text: string;
  folder: string;
}

/** Whether an argument is a file of this machine. */
export function isFile(host: Session['host'], path: string): boolean {
  return statSync(absolute(host, path), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** @throws Failure when there is no such file, or it isn't UTF-8 */
export function readRecipeFile({ host }: Session, path: string): Recipe {
  const file = absolute(host, path);
  return { text: readText(file, path), folder: dirname(file) };
}

/** Where a recipe goes, and how. */
export interface Target {
  pool: string;
  query: Readonly<Record<string, QueryValue>>;
}

/** What the options of a submission say beside the pool. */
export async function targetQuery(session: Session, input: Input): Promise<Target['query']> {
  const namespace = input.text('namespace') ?? (await session.current()).context.namespace;
  // A pool that nobody has named here is for a recipe that names none.
  const isDefault = input.text('pool') === undefined;
  return { label: input.texts('label'), namespace, ...(isDefault && { pool_is_default: true }) };
}

/**
 * Sends a recipe. One that names local files is rendered by the gateway first, and goes there again with their contents; of what its datasets
 * are to be made of, versions are made once the gateway would take the recipe.
 */
export async function sendRecipe(
  session: Session,
  client: GatewayClient,
  recipe: Recipe,
  input: Input,
  { pool, query }: Target,
): Promise<Submitted> {
  const path = `/api/pool/${segment(pool)}/workflow`;
  const set_variables = input.texts('set');
  const set_string_variables = input.texts('set-string');
  const send = (file: string, template: string | null, more: Target['query']): Promise<Submitted> =>
    client.json<Submitted>({
      method: 'POST',
      path,
      query: { ...query, ...more },
      body: { file, set_variables, set_string_variables, uploaded_templated_spec: template },
      submission: true,
    });
  const { text } = recipe;
  const everything = [text, ...set_variables, ...set_string_variables].join('\n');
  if (query['dry_run'] === true || !everything.includes('localpath')) return send(text, null, {});
  const { spec } = await send(text, null, { dry_run: true });
  const template = isTemplate(text) ? text : null;
  const whole = await withLocalFiles(spec ?? '', recipe, input);
  const { localDatasetsOf } = await import('@osmo/workflow-spec');
  const datasets = localDatasetsOf(spec ?? '');
  if (datasets.length === 0 || query['validation_only'] === true) return send(whole, template, { dry_run: false });
  await send(whole, template, { dry_run: false, validation_only: true });
  const { uploadDatasets } = await import('./local-datasets.ts');
  const uploaded = await uploadDatasets(session, client, recipe, { document: spec ?? '', datasets, query });
  return send(await withLocalFiles(uploaded, recipe, input), template, { dry_run: false });
}

/** Upstream's rule for what is a template, as far as it is kept beside the workflow. */
const isTemplate = (text: string): boolean => /\{%|\{\{|\{#|default-values/.test(text);

/** The rendered recipe with the contents of its local files in it. @throws Failure that names every one that can't be read, by its place */
async function withLocalFiles(spec: string, { text, folder }: Recipe, input: Input): Promise<string> {
  const { localPathsOf, withLocalFiles: put } = await import('@osmo/workflow-spec');
  const files = readLocalFiles(localPathsOf(spec), folder);
  if (files.missing.size > 0)
    throw await missingFiles({ text, set: input.texts('set'), setString: input.texts('set-string') }, files);
  return put(spec, (path) => files.found[path] ?? '');
}

/** Prints what the gateway warns of. */
export function printWarnings(session: Session, warnings: readonly string[] | undefined): void {
  for (const warning of warnings ?? []) session.print(session.colors.yellow(`WARNING: ${warning}`));
}

const absolute = (host: Session['host'], path: string): string => (isAbsolute(path) ? path : resolve(host.cwd, path));
