import type { Workflow } from '@osmo/crds';
import { notFound } from '../http/errors.ts';

/**
 * What a workflow was submitted as: the recipe before it was rendered, or the spec as the API has it (JSON, which is YAML too).
 *
 * @throws RequestError 404 when a recipe is asked for that isn't there
 */
export function specText({ metadata, spec }: Workflow, template: boolean, id: string): string {
  const { source, ...rest } = spec;
  if (!template) return `${JSON.stringify({ workflow: { name: metadata.name, ...rest } }, undefined, 2)}\n`;
  if (source?.template !== undefined) return source.template;
  throw notFound(`workflow ${id} was not submitted as a template; leave use_template out`, id);
}
