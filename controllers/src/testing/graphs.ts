import type { WorkflowSpec } from '@osmo/crds';
import fc from 'fast-check';
import { after, template } from './objects.ts';

/** A random acyclic workflow of up to `limit` tasks, some in groups of several, some groups strict about their members. */
export function anySpec(limit = 10): fc.Arbitrary<Pick<WorkflowSpec, 'tasks' | 'groups'>> {
  const group = fc.record({
    size: fc.constantFrom(1, 1, 1, 2, 3),
    ignoreNonleadStatus: fc.boolean(),
    needs: fc.array(fc.nat(limit), { maxLength: 3 }),
  });
  return fc.tuple(fc.array(group, { minLength: 1, maxLength: limit }), fc.boolean()).map(([shapes, flat]) => {
    if (flat) {
      const tasks = shapes.map(({ needs }, index) =>
        after(`t${index}`, ...earlier(needs, index).map((at) => `t${at}`)),
      );
      return { tasks };
    }
    const groups = shapes.map(({ size, ignoreNonleadStatus, needs }, index) => ({
      name: `g${index}`,
      barrier: true,
      ignoreNonleadStatus,
      tasks: Array.from({ length: size }, (_, member) => ({
        ...(member === 0
          ? after(`t${index}-0`, ...earlier(needs, index).map((at) => `t${at}-0`))
          : template(`t${index}-${member}`)),
        lead: member === 0 && size > 1,
      })),
    }));
    return { groups };
  });
}

function earlier(needs: readonly number[], index: number): number[] {
  return index === 0 ? [] : [...new Set(needs.map((need) => need % index))];
}

/** One task, then `width` that need it, then one that needs them all. */
export function fanOut(width: number): Pick<WorkflowSpec, 'tasks'> {
  const names = Array.from({ length: width }, (_, index) => `mid-${index}`);
  return { tasks: [template('first'), ...names.map((name) => after(name, 'first')), after('last', ...names)] };
}
