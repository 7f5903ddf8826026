import type { Pool, WorkflowSpec } from '@osmo/crds';
import { parseQuantity, QuantityError } from '@osmo/kube/quantity';

/** Below this no container starts: it is a number whose unit was forgotten. */
const leastMemory = 4 * 1024 * 1024;

/** Time-outs that the pool cuts. */
export function timeoutWarnings({ timeouts = {} }: WorkflowSpec, pool: Pool): string[] {
  const caps = pool.spec.timeouts ?? {};
  const most = {
    execSeconds: caps.maxExecSeconds,
    queueSeconds: caps.maxQueueSeconds,
    startSeconds: caps.maxStartSeconds,
    uploadSeconds: caps.maxUploadSeconds,
  };
  return (['execSeconds', 'queueSeconds', 'startSeconds', 'uploadSeconds'] as const).flatMap((name) => {
    const [asked, cap] = [timeouts[name], most[name]];
    if (asked === undefined || cap === undefined || asked <= cap) return [];
    const where = JSON.stringify(pool.metadata.name);
    return [`spec.timeouts.${name}: ${asked}: pool ${where} allows at most ${cap}, which it is cut to`];
  });
}

/** Amounts of memory that are probably missing a unit. */
export function memoryWarnings({ resources = [] }: WorkflowSpec): string[] {
  return resources.flatMap(({ memory }, index) => {
    const bytes = memory === undefined ? undefined : wholeBytes(memory);
    if (bytes === undefined || bytes === 0n || bytes >= BigInt(leastMemory)) return [];
    const value = JSON.stringify(memory);
    return [
      `spec.resources[${index}].memory: ${value}: are ${bytes} bytes, too few to start a container; add a unit such as Mi or Gi`,
    ];
  });
}

function wholeBytes(quantity: string | number): bigint | undefined {
  try {
    return parseQuantity(String(quantity)).nano / 1_000_000_000n;
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}
