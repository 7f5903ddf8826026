import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { compileGraph } from '@osmo/controllers';
import { kinds, validateWorkflow, type WorkflowSpec } from '@osmo/crds';
import { parse } from 'yaml';

const file = join(import.meta.dirname, '../../docs/workflows.md');

/** The workflows that a page shows: whole ones, a spec, or tasks of one, which then lack what is beside the point. Other parts are none. */
function shown(page: string): { line: number; spec: object }[] {
  return [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].flatMap((match) => {
    const { spec, tasks } = parse(match[1] ?? '') as { spec?: object; tasks?: object[] };
    if (spec === undefined && tasks === undefined) return [];
    const filled = (tasks ?? []).map((task) => ({ image: 'busybox', command: ['true'], ...task }));
    return { line: page.slice(0, match.index).split('\n').length + 1, spec: spec ?? { tasks: filled } };
  });
}

const page = readFileSync(file, 'utf8');

test.each(shown(page))('the workflow at line $line of docs/workflows.md can be run', ({ spec }) => {
  const manifest = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name: 'shown' }, spec };
  expect(validateWorkflow(manifest)).toEqual([]);
  const definition = kinds.find(({ type }) => type.kind === 'Workflow');
  expect(compileGraph(definition?.spec.parse(spec) as WorkflowSpec).problems).toBeUndefined();
});

test('the page shows workflows', () => {
  expect(shown(page).length).toBeGreaterThan(2);
});
