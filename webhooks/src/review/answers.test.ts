import { describe, expect, test } from '@jest/globals';
import { allowed, patched, refused } from './answers.ts';
import type { AdmissionRequest } from './types.ts';

const request: AdmissionRequest = {
  uid: 'u',
  kind: { group: 'osmo.dev', version: 'v1alpha1', kind: 'Workflow' },
  operation: 'CREATE',
  userInfo: {},
  object: { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name: 'w' } },
};
const problems = (count: number, value: unknown = 'x') =>
  Array.from({ length: count }, (_, index) => ({ path: `spec.tasks[${index}].name`, value, message: 'must be y' }));

describe('a refusal', () => {
  test('has every problem in its message and by field, as the apiserver’s own have', () => {
    expect(refused(request, [...problems(1), { path: 'spec', message: 'is empty' }])).toEqual({
      uid: 'u',
      allowed: false,
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'spec.tasks[0].name: "x": must be y; spec: is empty',
        details: {
          name: 'w',
          group: 'osmo.dev',
          kind: 'Workflow',
          causes: [
            { reason: 'FieldValueInvalid', field: 'spec.tasks[0].name', message: 'Invalid value: "x": must be y' },
            { reason: 'FieldValueInvalid', field: 'spec', message: 'Invalid value: is empty' },
          ],
        },
      },
    });
  });

  test('has bounds, whatever is wrong with how much, and says what it leaves out', () => {
    const { status } = refused(request, problems(10_000, 'x'.repeat(100_000)));
    expect(status?.message?.length).toBeLessThan(8300);
    expect(status?.message).toMatch(/ \(and \d+ more\)$/);
    expect(status?.details?.causes).toHaveLength(101);
    expect(status?.details?.causes?.at(-1)?.message).toBe('and 9900 more problems');
    expect(JSON.stringify(status).length).toBeLessThan(64 << 10);
    const long = refused(request, [{ path: 'spec', message: 'y'.repeat(100_000) }]);
    expect(long.status?.message?.length).toBeLessThan(1100);
    expect(long.status?.message).toContain('spec: yyy');
  });
});

test('warnings are told, a few and short', () => {
  expect(allowed(request)).toEqual({ uid: 'u', allowed: true });
  const { warnings = [] } = allowed(
    request,
    Array.from({ length: 50 }, () => 'z'.repeat(1000)),
  );
  expect(warnings).toHaveLength(16);
  expect(warnings.every((text) => text.length <= 256)).toBe(true);
});

test('a completion is a JSON patch; none is no patch', () => {
  const operation = { op: 'replace', path: '/spec/pool', value: 'gpu' } as const;
  const { patch = '', patchType } = patched(request, [operation]);
  expect(patchType).toBe('JSONPatch');
  expect(JSON.parse(Buffer.from(patch, 'base64').toString())).toEqual([operation]);
  expect(patched(request, [])).toEqual({ uid: 'u', allowed: true });
});
