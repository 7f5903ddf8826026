import { Annotations, type Workflow, type WorkflowSpec } from '@osmo/crds';
import { compileGraph } from '../graph/graph.ts';
import { restartProblems } from '../graph/restart-problems.ts';
import { newSuggestionBudget, type SuggestionBudget } from '../graph/suggestion.ts';
import { writtenGroups } from '../graph/written-tasks.ts';
import { memoryWarnings } from './advice.ts';
import { problemsByItself } from './by-itself.ts';
import { credentialProblems, foreignCredentialProblems } from './credentials.ts';
import { datasetProblems } from './data.ts';
import { poolDefault, poolOf } from './defaults.ts';
import { findingsInPool, type Findings } from './in-pool.ts';
import { answerOf } from './order.ts';
import type { AdmissionAnswer, AdmissionWorld } from './types.ts';

/**
 * Judges a Workflow that the schema of the API has accepted by all that the schema can't say. Pure, and linear in the
 * tasks, inputs and instances of the spec; it never throws on such a Workflow.
 *
 * Refused is what its author has to mend: what contradicts itself, or what the pool that is there doesn't allow. What only
 * an administrator can mend (no such pool, maintenance, no node) is a warning: the workflow is taken, waits, and its
 * status says what for.
 */
export function admitWorkflow(workflow: Workflow, world: AdmissionWorld): AdmissionAnswer {
  const pool = poolOf(workflow, world);
  const { problems, warnings } = findingsOf(workflow, pool, world);
  return { problems: answerOf(problems), defaults: poolDefault(workflow, pool), warnings };
}

function findingsOf(workflow: Workflow, poolName: string, world: AdmissionWorld): Findings {
  const { spec, metadata } = workflow;
  const { old } = world;
  const budget = newSuggestionBudget();
  if (metadata.deletionTimestamp !== undefined) return { problems: [], warnings: [] };
  if (old === undefined) {
    // Who it is submitted for, where somebody may say so; a policy of the apiserver holds the annotation to the truth.
    const submitter = metadata.annotations?.[Annotations.submittedBy] ?? world.user.name;
    return atCreation({ spec, submitter }, poolName, world, budget);
  }
  // The rest of a spec can't be changed: it was judged when it was created, maybe by other rules.
  const found: Findings = { problems: [], warnings: [] };
  if (spec.restart !== undefined && spec.restart.id !== old.spec.restart?.id) {
    const { graph } = compileGraph(spec);
    if (graph !== undefined) found.problems.push(...restartProblems(spec.restart, graph));
  }
  if (poolName === old.spec.pool) return found;
  if (old.status?.startTime !== undefined) {
    const was = JSON.stringify(old.spec.pool);
    found.warnings.push(`spec.pool: the workflow was started in pool ${was} and stays there: this has no effect`);
    return found;
  }
  const inPool = findingsInPool(spec, writtenGroups(spec), poolName, world, budget);
  return { problems: [...found.problems, ...inPool.problems], warnings: [...found.warnings, ...inPool.warnings] };
}

function atCreation(
  { spec, submitter }: { spec: WorkflowSpec; submitter: string },
  poolName: string,
  world: AdmissionWorld,
  budget: SuggestionBudget,
): Findings {
  const groups = writtenGroups(spec);
  const tasks = groups.flatMap((group) => group.tasks);
  const inPool = findingsInPool(spec, groups, poolName, world, budget);
  return {
    problems: [
      ...problemsByItself(spec),
      ...foreignCredentialProblems(tasks, submitter),
      ...(world.credentials === undefined ? [] : credentialProblems(tasks, world.credentials, budget)),
      ...(world.data === undefined ? [] : datasetProblems(tasks, world.data, budget)),
      ...inPool.problems,
    ],
    warnings: [...inPool.warnings, ...memoryWarnings(spec)],
  };
}
