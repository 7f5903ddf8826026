import type { Verb } from '../../verb.ts';
import { canI } from './can-i.ts';

/** Commands about rights, in the order of help and reference. */
export const authVerbs: readonly Verb[] = [canI];
