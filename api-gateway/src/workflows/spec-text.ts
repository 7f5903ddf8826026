import type { Workflow } from '@osmo/crds';
import { writeRecipe } from '@osmo/workflow-spec';
import { notFound } from '../http/errors.ts';
import { withoutNumber } from '../submit/name.ts';

/**
 * What a workflow was submitted as: the recipe before it was rendered, or the recipe that says the same as the spec, under the name
 * without the number of this run: submitted again, it gets the next one.
 *
 * @throws RequestError 404 when a recipe is asked for that isn't there
 */
export function specText(workflow: Workflow, template: boolean, id: string): string {
  if (!template) return writeRecipe(workflow, withoutNumber(workflow.metadata.name));
  const { source } = workflow.spec;
  if (source?.template !== undefined) return source.template;
  throw notFound(`workflow ${id} was not submitted as a template; leave --template (use_template) out`, id);
}
