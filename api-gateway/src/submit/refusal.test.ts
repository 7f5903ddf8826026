import { expect, test } from '@jest/globals';
import { KubeError } from '@osmo/kube';
import { asSubmissionError } from './refusal.ts';

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
])('a spec that is refused for %j is %s', (fields, code) => {
  expect(asSubmissionError(refused(422, fields))).toMatchObject({ status: 400, code, message: 'the server says' });
});

test('what is no refusal of the spec is left alone', () => {
  const [forbidden, broken] = [refused(403, ['spec.resources[0]']), new Error('x')];
  expect(asSubmissionError(forbidden)).toBe(forbidden);
  expect(asSubmissionError(broken)).toBe(broken);
});
