import { Annotations, Labels, Names, type Workflow, type WorkflowSpecInput } from '@osmo/crds';
import type { JsonPatchOperation } from '@osmo/workflow-spec/admission';
import type { FoundRecipe } from './find-recipe.ts';

type Written = Workflow['spec'];

/**
 * What makes a Workflow that names an app the whole one: the rendered spec under what its author wrote, which wins, the
 * number of the version, and the labels by which the workflows of an app are found. Pure.
 */
export function filledIn(
  { spec, metadata }: Pick<Workflow, 'spec' | 'metadata'>,
  { app, version }: Pick<FoundRecipe, 'app' | 'version'>,
  rendered: WorkflowSpecInput,
): JsonPatchOperation[] {
  const { namespace } = app.metadata;
  const isForeign = namespace !== undefined && namespace !== metadata.namespace;
  const claimed = metadata.labels?.[Labels.appNamespace] !== undefined;
  const owner = app.metadata.annotations?.[Annotations.appOwner];
  return [
    { op: 'replace', path: '/spec', value: combined(spec, version, rendered) },
    ...marks('/metadata/labels', metadata.labels, {
      [Labels.app]: app.metadata.name,
      [Labels.appVersion]: String(version),
      ...(namespace !== undefined && (isForeign || claimed) && { [Labels.appNamespace]: namespace }),
    }),
    ...marks(
      '/metadata/annotations',
      metadata.annotations,
      owner === undefined ? {} : { [Annotations.appOwner]: owner },
    ),
  ];
}

function combined(written: Written, version: number, rendered: WorkflowSpecInput): WorkflowSpecInput {
  // The schema has filled in `default` where no pool was named.
  const pool = written.pool === Names.defaultPool ? (rendered.pool ?? written.pool) : written.pool;
  const { labels, timeouts, resources = [] } = written;
  const named = new Set(resources.map(({ name }) => name));
  const others = (rendered.resources ?? []).filter(({ name }) => !named.has(name));
  return {
    ...rendered,
    ...written,
    pool,
    ...((labels ?? rendered.labels) && { labels: { ...rendered.labels, ...labels } }),
    ...((timeouts ?? rendered.timeouts) && { timeouts: { ...rendered.timeouts, ...timeouts } }),
    ...(resources.length + others.length > 0 && { resources: [...others, ...resources] }),
    ...(written.app !== undefined && { app: { ...written.app, version } }),
  };
}

/** Adds to a map of metadata, which may not be there. */
function marks(
  path: string,
  known: Record<string, string> | undefined,
  more: Record<string, string>,
): JsonPatchOperation[] {
  const entries = Object.entries(more);
  if (entries.length === 0) return [];
  if (known === undefined) return [{ op: 'add', path, value: more }];
  return entries.map(([key, value]) => ({ op: 'add', path: `${path}/${pointer(key)}`, value }));
}

/** A key in a JSON pointer (RFC 6901). */
const pointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
