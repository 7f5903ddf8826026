import { parseAllDocuments } from 'yaml';
import { callHelm } from './helm.ts';

/** An object of the rendered chart. */
export interface RenderedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  rules?: PolicyRule[];
  [field: string]: unknown;
}

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  apiGroups: readonly string[];
  resources: readonly string[];
  verbs: readonly string[];
  resourceNames?: readonly string[];
}

/** Settings of one rendering; objects and lists as in values.yaml. */
export interface RenderOptions {
  helm: string;
  chart: string;
  release?: string;
  values?: object;
  /** Kinds which the cluster knows already, as `group/version/Kind`. */
  apiVersions?: readonly string[];
}

/**
 * Renders the chart for a new installation in namespace `osmo-system`.
 *
 * @throws Error with Helm's message when the values are refused or a template fails.
 */
export function renderChart({ helm, chart, release = 'osmo', values = {}, apiVersions = [] }: RenderOptions): string {
  const json = Object.entries(values).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]);
  const known = apiVersions.flatMap((version) => ['--api-versions', version]);
  const fixed = ['--namespace', 'osmo-system', '--kube-version', '1.36.3'];
  const run = callHelm(helm, ['template', release, chart, ...fixed, ...known, ...json]);
  if (!run.ok) throw new Error(run.stderr.trim());
  return run.stdout;
}

/** The objects of a rendering, in Helm's order. */
export function objectsOf(rendered: string): RenderedObject[] {
  return parseAllDocuments(rendered)
    .map((document) => document.toJS() as RenderedObject | null)
    .filter((object) => object !== null);
}

/** Every single right in a set of rules, as `verb group/resource[/subresource][ name]`, sorted. */
export function rightsOf(rules: readonly PolicyRule[]): string[] {
  const rights = rules.flatMap((rule) =>
    rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((resource) =>
        rule.verbs.flatMap((verb) =>
          (rule.resourceNames ?? ['']).map((name) => `${verb} ${group || 'core'}/${resource} ${name}`.trimEnd()),
        ),
      ),
    ),
  );
  return [...new Set(rights)].toSorted();
}
