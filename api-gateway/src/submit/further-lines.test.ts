import { describe, expect, test } from '@jest/globals';
import type { Platform, Pool, Workflow, WorkflowSpecInput } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import { describeRecipeProblem, readRecipe } from '@osmo/workflow-spec';
import { admitWorkflow } from '@osmo/workflow-spec/admission';
import { badRequest } from '../http/errors.ts';
import { withSecretNames } from './credentials.ts';
import { furtherLines } from './further-lines.ts';

const pool = {
  metadata: { name: 'lab' },
  spec: {
    backend: 'b',
    platforms: ['gpu'],
    defaultPlatform: 'gpu',
    scheduler: { type: 'Default' },
    labelPolicies: [{ key: 'team', required: true, enforcement: 'Enforce' }],
  },
} as unknown as Pool;
const gpu = { metadata: { name: 'gpu' }, spec: {} } as unknown as Platform;

/** As the apiserver answers with our webhooks. */
function tried(spec: WorkflowSpecInput): Promise<unknown> {
  const { problems } = admitWorkflow({ metadata: { name: 'w' }, spec } as unknown as Workflow, {
    pools: new Map([['lab', pool]]),
    platforms: new Map([['gpu', gpu]]),
    user: { name: 'ada' },
  });
  const causes = problems.map(({ path, message }) => ({ field: path, message }));
  const refused = new KubeError({ status: 422, reason: 'Invalid', message: 'no', details: { causes } });
  return problems.length === 0 ? Promise.resolve({}) : Promise.reject(refused);
}

/** All that is told of a recipe, its own problems and the rest. */
async function allOf(text: string, poolOf: () => string = () => 'lab'): Promise<{ own: string[]; further: string[] }> {
  const read = readRecipe({ text, draft: true });
  if (!('problems' in read)) throw new Error('the recipe is right');
  const further = await furtherLines(read.draft, read.problems, {
    poolOf,
    named: (spec) => withSecretNames(spec, [], () => Promise.resolve(false)),
    tried,
    locate: (fields) => {
      const again = readRecipe({ text, locate: fields });
      return Promise.resolve(again.places ?? {});
    },
  });
  return { own: read.problems.map(describeRecipeProblem).map(short), further: further.map(short) };
}
const short = (line: string): string => line.split(': ').slice(0, 2).join(': ');

const recipe = (tasks: string, more = ''): string => `workflow:\n  name: w\n${more}  tasks:\n${tasks}`;
const task = (name: string, more: string): string => `  - {name: ${name}, image: busybox, command: [x], ${more}}\n`;
const labels = '  labels: {team: a}\n';

describe('what pool and credentials have to say is told beside what the recipe alone tells', () => {
  test('of other tasks, and of the same one', async () => {
    const text = recipe(
      task('a', 'lead: maybe, privileged: true') + task('b', 'volumeMounts: ["/etc:/x"], credentials: {tok: /t}'),
      labels,
    );
    expect(await allOf(text)).toEqual({
      own: ['5:51: workflow.tasks[0].lead'],
      further: [
        '6:91: workflow.tasks[1].credentials.tok',
        '5:70: workflow.tasks[0].privileged',
        '6:60: workflow.tasks[1].volumeMounts[0]',
      ],
    });
  });

  test('not of what could not be read, nor of what depends on it', async () => {
    const text = recipe(
      task('a', 'volumeMounts: ["/a:/b:/c"], credentials: {tok: [1]}, resource: big') +
        task('b', 'privileged: true, resource: big'),
      '  resources: {big: {platform: [gpu], gpu: many}}\n  labels: {team: 1}\n',
    );
    expect(await allOf(text)).toEqual({
      own: [
        '4:18: workflow.labels.team',
        '3:43: workflow.resources.big.gpu',
        '3:31: workflow.resources.big.platform',
        '6:92: workflow.tasks[0].credentials.tok',
        '6:60: workflow.tasks[0].volumeMounts[0]',
      ],
      further: [],
    });
  });

  test('of names that clash and a cycle nothing is said again', async () => {
    const text = recipe(
      task('a', 'inputs: [{task: b}], hostNetwork: true') +
        task('b', 'inputs: [{task: a}]') +
        task('A', 'args: ["{{input:9}}"]'),
    );
    const { own, further } = await allOf(text);
    expect(own.map((line) => line.split(': ')[1])).toEqual([
      'workflow.tasks[2].name',
      'workflow.tasks[0]',
      'workflow.tasks[2].args[0]',
    ]);
    expect(further).toEqual(['2:3: workflow.labels["team"]', '4:79: workflow.tasks[0].hostNetwork']);
  });

  test('a pool that takes nothing, and nothing of a recipe that could not be rendered', async () => {
    const text = recipe(task('a', 'lead: maybe'));
    const closed = (): string => {
      throw badRequest('pool lab: is closed');
    };
    expect((await allOf(text, closed)).further).toEqual(['pool lab: is closed']);
    expect((await allOf('workflow:\n  name: {{ x }}\n')).further).toEqual([]);
  });
});
