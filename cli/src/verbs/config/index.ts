import type { Verb } from '../../verb.ts';
import { getContexts } from './get-contexts.ts';
import { setContext } from './set-context.ts';
import { useContext } from './use-context.ts';

/** Commands of contexts, in the order of help and reference. */
export const configVerbs: readonly Verb[] = [getContexts, useContext, setContext];
