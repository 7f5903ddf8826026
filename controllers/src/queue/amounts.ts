import type { Backend, Platform, ResourceAmounts } from '@osmo/crds';
import { parseQuantity, quantityToNumber } from '@osmo/kube';
import { matchingShapes } from '@osmo/workflow-spec/admission';

/** GPUs, thousandths of CPUs, bytes of memory: whole numbers, so that what is added and taken off again leaves nothing. */
export interface Amounts {
  gpu: number;
  cpu: number;
  memory: number;
}

export const noAmounts = (): Amounts => ({ gpu: 0, cpu: 0, memory: 0 });

/** What one task asks for; what can't be read counts as nothing, since it is the apiserver's to refuse. */
export function amountsOf({ gpu, cpu, memory }: ResourceAmounts): Amounts {
  return { gpu: gpu ?? 0, cpu: Math.ceil(numberOf(cpu) * 1000), memory: Math.ceil(numberOf(memory)) };
}

/** Adds `times` times `more` to `sum`. */
export function addAmounts(sum: Amounts, more: Amounts, times: number): void {
  sum.gpu += more.gpu * times;
  sum.cpu += more.cpu * times;
  sum.memory += more.memory * times;
}

/** What all usable nodes of a platform offer together; without one, all nodes that keep nobody away. */
export function capacityOf(backend: Backend, platform: Platform | undefined): Amounts {
  const shapes = backend.status?.shapes ?? [];
  const open = ({ taints }: (typeof shapes)[number]): boolean =>
    taints.every(({ effect }) => effect === 'PreferNoSchedule');
  const sum = noAmounts();
  for (const shape of platform === undefined ? shapes.filter(open) : matchingShapes(platform, shapes)) {
    addAmounts(sum, amountsOf(shape.allocatable), shape.available);
  }
  return sum;
}

function numberOf(text: string | number | undefined): number {
  if (text === undefined) return 0;
  try {
    return quantityToNumber(parseQuantity(String(text)));
  } catch {
    return 0;
  }
}
