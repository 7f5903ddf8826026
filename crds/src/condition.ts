import type * as z from 'zod';
import type { conditions, toleration } from './schema/common.ts';

/** metav1.Condition. */
export type Condition = z.output<ReturnType<typeof conditions>>[number];
export type ConditionStatus = Condition['status'];
/** core/v1 Toleration. */
export type Toleration = z.output<typeof toleration>;
