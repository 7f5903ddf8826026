import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseExposition, sumOf } from './exposition.ts';

const page = `# HELP controller_runtime_reconcile_total Reconciles by result
# TYPE controller_runtime_reconcile_total counter
controller_runtime_reconcile_total{controller="workflow",result="success"} 12
controller_runtime_reconcile_total{controller="workflow",result="error"} 1
controller_runtime_reconcile_total{controller="pool",result="success"} 3

workqueue_depth 0
process_cpu_seconds_total 1.25e+1 1732166400000
bucket{le="+Inf"} 7
odd{text="a\\"b\\\\c\\nd, e=\\"f\\""} +Inf
`;

test('reads names, labels with every escape, values in every notation, and skips what is no sample', () => {
  expect(parseExposition(page).slice(3)).toEqual([
    { name: 'workqueue_depth', labels: {}, value: 0 },
    { name: 'process_cpu_seconds_total', labels: {}, value: 12.5 },
    { name: 'bucket', labels: { le: '+Inf' }, value: 7 },
    { name: 'odd', labels: { text: 'a"b\\c\nd, e="f"' }, value: Infinity },
  ]);
});

test('sums the samples that are asked for', () => {
  const samples = parseExposition(page);
  expect(sumOf(samples, 'controller_runtime_reconcile_total')).toBe(16);
  expect(sumOf(samples, 'controller_runtime_reconcile_total', ({ controller }) => controller === 'workflow')).toBe(13);
  expect(sumOf(samples, 'no_such_metric')).toBe(0);
});

test('gives back any label value that was escaped by the rules', () => {
  const escape = (text: string): string => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'n', ' ', '}', '=', ',') }), (text) => {
      expect(parseExposition(`m{a="${escape(text)}",b="x"} 1`)).toEqual([
        { name: 'm', labels: { a: text, b: 'x' }, value: 1 },
      ]);
    }),
  );
});

test('quotes a line that it does not understand', () => {
  expect(() => parseExposition('{} what')).toThrow('not a sample: "{} what"');
});
