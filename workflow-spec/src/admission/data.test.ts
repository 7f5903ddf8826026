import { expect, test } from '@jest/globals';
import { Api, type Bucket, type Dataset, kinds } from '@osmo/crds';
import type { TaskTemplateInput } from '@osmo/crds';
import { named, task, workflow, world } from '../testing/objects.ts';
import { admitWorkflow } from './admit-workflow.ts';
import type { AdmissionData } from './data.ts';

const accepted = (kind: string, name: string, spec: object): unknown => ({
  ...{ apiVersion: Api.apiVersion, kind, metadata: { name } },
  spec: kinds.find(({ type }) => type.kind === kind)!.spec.parse(spec),
});
const bucket = (name: string, more: object = {}): Bucket =>
  accepted('Bucket', name, { url: `s3://${name}`, ...more }) as Bucket;
const dataset = (name: string, more: object = {}): Dataset =>
  accepted('Dataset', `robots.${name}`, { bucket: 'robots', name, ...more }) as Dataset;
const data: AdmissionData = {
  buckets: [bucket('robots', { default: true }), bucket('attic', { mode: 'ReadOnly' })],
  datasets: named(
    dataset('scenes', {
      tags: [
        { name: 'golden', version: 1 },
        { name: 'gone', version: 9 },
      ],
    }),
    dataset('all', { type: 'Collection', members: [] }),
  ),
  versions: new Set(['robots.scenes.1', 'robots.scenes.2']),
};
const refusals = (tasks: TaskTemplateInput[], given: AdmissionData | undefined = data): string[] =>
  admitWorkflow(workflow({ tasks }), world({ data: given })).problems.map(
    ({ path, value, message }) => `${path}: ${JSON.stringify(value)}: ${message}`,
  );
const reads = (name: string): TaskTemplateInput => task('a', { inputs: [{ dataset: { name } }] });
const writes = (name: string): TaskTemplateInput => task('w', { outputs: [{ dataset: { name } }] });
const updates = (name: string): TaskTemplateInput => task('u', { outputs: [{ updateDataset: { name } }] });
const read = 'spec.tasks[0].inputs[0].dataset.name';
const written = 'spec.tasks[0].outputs[0]';

test.each<[string, TaskTemplateInput[]]>([
  ['the latest version', [reads('scenes')]],
  ['a version by number', [reads('scenes:2')]],
  ['a version by tag, in a bucket that is named', [reads('Robots/scenes:golden')]],
  ['a collection', [reads('all')]],
  ['what is uploaded at submission', [task('a', { inputs: [{ dataset: { name: 'not-yet', localPath: './x' } }] })]],
  ['a dataset that a task of the workflow makes', [writes('new'), { ...reads('new:3'), name: 'b' }]],
  ['a tag that a task of the workflow gives', [writes('scenes:silver'), { ...reads('scenes:silver'), name: 'b' }]],
  ['a dataset that a task of the workflow makes, updated', [writes('new'), updates('new')]],
  ['a name with tokens', [reads('other-{{workflow_id}}')]],
  ['a new dataset', [writes('new')]],
  ['what is in a bucket that is only read', [task('a', { inputs: [{ task: { name: 'b' } }] }), task('b')]],
])('%s is taken', (_, tasks) => expect(refusals(tasks)).toEqual([]));

test.each<[string, TaskTemplateInput, string]>([
  ['a dataset that is not there', reads('scense'), `${read}: "scense": the namespace has no dataset "robots.scense"`],
  [
    'a bucket that is not there',
    reads('robot/scenes'),
    `${read}: "robot/scenes": the namespace has no bucket "robot"; allowed: attic, robots; did you mean "robots"?`,
  ],
  ['a version that is not there', reads('scenes:3'), `${read}: "scenes:3": dataset "robots.scenes" has no version 3`],
  [
    'a tag of a version that is gone',
    reads('scenes:gone'),
    `${read}: "scenes:gone": dataset "robots.scenes" has no version 9`,
  ],
  [
    'a tag that is not there',
    reads('scenes:silver'),
    `${read}: "scenes:silver": dataset "robots.scenes" has no tag "silver"; allowed: a number, 'latest', golden, gone`,
  ],
  [
    'an output to a bucket that is only read',
    writes('attic/new'),
    `${written}.dataset.name: "attic/new": bucket "attic" is ReadOnly; name one that can be written to`,
  ],
  [
    'an output to a collection',
    writes('all'),
    `${written}.dataset.name: "all": a collection, which has no versions of its own; name a dataset`,
  ],
  [
    'an update of what is not there',
    updates('new'),
    `${written}.updateDataset.name: "new": the namespace has no dataset "robots.new"`,
  ],
])('%s is refused', (_, each, want) => {
  expect(refusals([each])).toEqual([want]);
});

test('a name without a bucket is refused where it is clear to nobody', () => {
  const buckets = [bucket('one'), bucket('two')];
  expect(refusals([reads('scenes')], { ...data, buckets })).toEqual([
    `${read}: "scenes": names no bucket, and none of the namespace is the default; write bucket/name, allowed: one, two`,
  ]);
});

test('where data can not be known nothing is refused', () => {
  const { problems } = admitWorkflow(workflow({ tasks: [reads('nothing:12')] }), world({}));
  expect(problems).toEqual([]);
});
