import { Annotations, FieldManagers, type Workflow, type WorkflowSpecInput } from '@osmo/crds';
import { isAlreadyExists, type KubeClient } from '@osmo/kube';
import type { Marks } from '../apps/marks.ts';
import { Workflows } from '../kinds.ts';
import type { Numbers } from './numbers.ts';

/** A workflow that is to be made. */
export interface NewWorkflow {
  base: string;
  namespace: string;
  spec: WorkflowSpecInput;
  submittedBy: string;
  /** Labels and annotations beside those that every submission gets. */
  marks?: Marks;
  /** Everything is checked and nothing is stored. */
  dryRun: boolean;
}

/** What was made, and what the apiserver and its webhooks warn of. */
export interface Created {
  workflow: Workflow;
  warnings: readonly string[];
}

/** Names that others may take at the same moment. */
const mostAttempts = 32;

/**
 * Creates a workflow under the next free number of its name.
 *
 * @param taken names that the cache knows in that namespace
 * @throws KubeError, as the apiserver refuses it
 */
export async function createWorkflow(
  client: Pick<KubeClient, 'create'>,
  { base, namespace, spec, submittedBy, marks, dryRun }: NewWorkflow,
  numbers: Numbers,
  taken: () => Iterable<string>,
  signal: AbortSignal,
): Promise<Created> {
  let number = numbers.take(namespace, base, taken);
  for (let attempt = 1; ; attempt++) {
    const workflow = {
      apiVersion: 'osmo.dev/v1alpha1',
      kind: 'Workflow',
      metadata: {
        name: `${base}-${number}`,
        namespace,
        ...(marks?.labels !== undefined && { labels: marks.labels }),
        annotations: { ...marks?.annotations, [Annotations.submittedBy]: submittedBy },
      },
      spec,
    };
    const warnings: string[] = [];
    try {
      // oxlint-disable-next-line no-await-in-loop
      const created = await client.create(Workflows, workflow as unknown as Workflow, {
        dryRun,
        fieldManager: FieldManagers.apiGateway,
        fieldValidation: 'Strict',
        signal,
        onWarning: (text) => void warnings.push(text),
      });
      if (dryRun) numbers.giveBack(number, namespace, base);
      return { workflow: created, warnings };
    } catch (error) {
      if (isAlreadyExists(error) && attempt < mostAttempts) {
        number = numbers.takeAfter(number, namespace, base, taken);
        continue;
      }
      numbers.giveBack(number, namespace, base);
      throw error;
    }
  }
}
