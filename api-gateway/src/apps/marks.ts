import { Annotations, type App, Labels, type Workflow } from '@osmo/crds';
import { idOf } from '../workflows/ids.ts';

/** Labels and annotations of a Workflow. */
export interface Marks {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Which app a workflow was made of, in upstream's fields. */
export interface AppOrigin {
  app_owner: string | null;
  app_name: string | null;
  app_version: number | null;
}

const marking = [Labels.app, Labels.appVersion, Labels.appNamespace] as const;

/** What a Workflow in a namespace bears that is made of a version of an app. */
export function appMarks({ metadata }: App, version: number, namespace: string): Marks {
  const owner = metadata.annotations?.[Annotations.appOwner];
  return {
    labels: {
      [Labels.app]: metadata.name,
      [Labels.appVersion]: String(version),
      ...(metadata.namespace !== undefined &&
        metadata.namespace !== namespace && { [Labels.appNamespace]: metadata.namespace }),
    },
    ...(owner !== undefined && { annotations: { [Annotations.appOwner]: owner } }),
  };
}

/** What a Workflow hands on of this to one that repeats it in a namespace. */
export function repeatedMarks({ metadata }: Workflow, namespace: string): Marks {
  const name = metadata.labels?.[Labels.app];
  if (name === undefined) return {};
  const labels = Object.fromEntries(
    marking.flatMap((key) => (metadata.labels?.[key] === undefined ? [] : [[key, metadata.labels[key]]])),
  );
  const of = metadata.labels?.[Labels.appNamespace] ?? metadata.namespace;
  delete labels[Labels.appNamespace];
  if (of !== undefined && of !== namespace) labels[Labels.appNamespace] = of;
  const owner = metadata.annotations?.[Annotations.appOwner];
  return { labels, ...(owner !== undefined && { annotations: { [Annotations.appOwner]: owner } }) };
}

/** Which app a workflow was made of, as its labels say. */
export function appOriginOf(workflow: Pick<Workflow, 'metadata'>, defaultNamespace: string): AppOrigin {
  const { metadata } = workflow;
  const name = metadata.labels?.[Labels.app];
  if (name === undefined) return { app_owner: null, app_name: null, app_version: null };
  const namespace = metadata.labels?.[Labels.appNamespace] ?? metadata.namespace ?? '';
  const version = Number(metadata.labels?.[Labels.appVersion]);
  return {
    app_owner: metadata.annotations?.[Annotations.appOwner] ?? null,
    app_name: idOf({ namespace, name }, defaultNamespace),
    app_version: Number.isInteger(version) && version > 0 ? version : null,
  };
}

/** The app that a workflow was made of, as `namespace/name`. */
export function originKey({ metadata }: Pick<Workflow, 'metadata'>): string | undefined {
  const name = metadata.labels?.[Labels.app];
  return name === undefined ? undefined : `${metadata.labels?.[Labels.appNamespace] ?? metadata.namespace}/${name}`;
}

/** The test of a filter as upstream's clients send it: `name` or `name:version`, of apps in any namespace or `namespace.name`. */
export function originTest(text: string): (workflow: Pick<Workflow, 'metadata'>) => boolean {
  const [id = '', version] = text.split(':');
  const wanted = id.toLowerCase().replaceAll('_', '-');
  const isNamespaced = wanted.includes('.');
  return (workflow) => {
    const { labels } = workflow.metadata;
    if (version !== undefined && version !== labels?.[Labels.appVersion]) return false;
    return (isNamespaced ? originKey(workflow)?.replace('/', '.') : labels?.[Labels.app]) === wanted;
  };
}

/** An index function: who submitted a workflow, where it was made of an app. */
export function appSubmitters(workflow: Pick<Workflow, 'metadata'>): readonly string[] {
  const by = workflow.metadata.annotations?.[Annotations.submittedBy];
  return by === undefined || originKey(workflow) === undefined ? [] : [by];
}
