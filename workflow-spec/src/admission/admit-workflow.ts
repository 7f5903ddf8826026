import type { Workflow } from '@osmo/crds';
import { compileGraph } from '../graph/graph.ts';
import type { AdmissionAnswer, AdmissionWorld } from './types.ts';

/**
 * Judges a Workflow that the schema of the API has accepted by all that the schema can't say. Pure, and linear in the
 * tasks, inputs and instances of the spec; it never throws on such a Workflow.
 */
export function admitWorkflow(workflow: Workflow, _world: AdmissionWorld): AdmissionAnswer {
  const { problems = [] } = compileGraph(workflow.spec);
  return {
    problems: problems.map(({ path, given, detail }) => ({ path, value: given, message: detail })),
    defaults: [],
    warnings: [],
  };
}
