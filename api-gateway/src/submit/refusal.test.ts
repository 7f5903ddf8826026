import { expect, test } from '@jest/globals';
import { KubeError } from '@osmo/kube';
import { asSubmissionError, codeOfProblems, warningsInRecipe } from './refusal.ts';

const refused = (status: number, fields: string[]): KubeError => {
  const causes = fields.map((field) => ({ reason: 'FieldValueInvalid', field, message: 'm' }));
  return new KubeError({ status, reason: 'Invalid', message: 'the server says', details: { causes } });
};

test.each([
  [['spec.resources[0].cpu'], 'RESOURCE'],
  [['spec.tasks[2].resource', 'spec.groups[0].tasks[1].platform'], 'RESOURCE'],
  [['spec.tasks[0].credentials[1].name'], 'CREDENTIAL'],
  [['spec.tasks[0].credentials[1].name', 'spec.resources[0].cpu'], 'USAGE'],
  [['spec.tasks[0].image'], 'USAGE'],
  [['spec.tasks[0].resourcesOfAnother'], 'USAGE'],
  [[], 'USAGE'],
])('a spec that is refused for %j is %s', async (fields, code) => {
  expect(await asSubmissionError(refused(422, fields))).toMatchObject({
    status: 400,
    code,
    message: 'the server says',
  });
});

test('what is no refusal of the spec is left alone', async () => {
  const [forbidden, broken] = [refused(403, ['spec.resources[0]']), new Error('x')];
  expect(await asSubmissionError(forbidden)).toBe(forbidden);
  expect(await asSubmissionError(broken)).toBe(broken);
});

test('what comes from a recipe is told with its place there, the rest with its field', async () => {
  const locate = async () => ({
    'spec.tasks[0].image': { path: 'workflow.tasks[0].image', line: 4, column: 12 },
    'spec.resources[0].gpu': { path: 'workflow.resources.big.gpu', line: 2, column: 3 },
  });
  const fields = ['spec.tasks[0].image', 'spec.resources[0].gpu', 'spec.pool'];
  expect(await asSubmissionError(refused(422, fields), locate)).toMatchObject({
    status: 400,
    message: '4:12: workflow.tasks[0].image: m\n2:3: workflow.resources.big.gpu: m\nspec.pool: m',
  });
});

test('without any place the words are the server’s', async () => {
  const error = await asSubmissionError(refused(422, ['spec.pool']), async () => ({}));
  expect(error).toMatchObject({ message: 'the server says' });
});

test('a warning about a field has its place in the recipe, any other its words', async () => {
  const locate = async () => ({ 'spec.resources[0].cpu': { path: 'workflow.resources.big.cpu', line: 4, column: 12 } });
  const warnings = ['spec.resources[0].cpu: 999: too many', 'spec.pool: p: is full', 'no keys: for s3://a'];
  expect(await warningsInRecipe(warnings, locate)).toEqual([
    '4:12: workflow.resources.big.cpu: 999: too many',
    'spec.pool: p: is full',
    'no keys: for s3://a',
  ]);
  expect(await warningsInRecipe(warnings, undefined)).toEqual(warnings);
});

test.each([
  [['workflow.tasks[0].resource'], 'RESOURCE'],
  [['workflow.groups[2].tasks[1].resource', 'workflow.tasks[0].resource'], 'RESOURCE'],
  [['workflow.tasks[0].resource', 'workflow.tasks[0].image'], 'USAGE'],
  [['workflow.tasks[0].files[0].resource'], 'USAGE'],
  [[], 'USAGE'],
])('a recipe that is wrong at %j is %s', (paths, code) => {
  expect(codeOfProblems(paths.map((path) => ({ path, message: 'm' })))).toBe(code);
});
