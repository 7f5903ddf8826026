import { expect, test } from '@jest/globals';
import type { DatasetVersion } from '@osmo/crds';
import { provenanceOf } from './provenance.ts';

function version(name: string, ...inputs: string[]): DatasetVersion {
  const split = (of: string) => ({ dataset: of.slice(0, of.lastIndexOf('.')), version: Number(of.split('.').at(-1)) });
  return { metadata: { name }, spec: { ...split(name), provenance: { inputs: inputs.map(split) } } } as never;
}

const all = [
  version('b.raw.1'),
  version('b.raw.2', 'b.raw.1'),
  version('b.clean.1', 'b.raw.2', 'b.gone.4'),
  version('b.model.1', 'b.clean.1', 'b.raw.1'),
  version('b.loop.1', 'b.loop.2'),
  version('b.loop.2', 'b.loop.1'),
];
const source = {
  get: (name: string) => all.find(({ metadata }) => metadata.name === name),
  madeFrom: (name: string) =>
    all.filter(({ spec }) => spec.provenance?.inputs?.some((input) => `${input.dataset}.${input.version}` === name)),
};
const ask = (start: string, direction: 'backwards' | 'forwards', { depth = 10, limit = 100 } = {}) => {
  const first = source.get(start);
  if (first === undefined) throw new Error(start);
  const { versions, edges, truncated } = provenanceOf(source, first, { direction, depth, limit });
  return {
    versions: versions.map(({ metadata }) => metadata.name),
    edges: edges.map(({ from, to }) => `${from}>${to}`),
    truncated,
  };
};

test('backwards: what it was made from, each once, what is gone as an edge', () => {
  expect(ask('b.model.1', 'backwards')).toEqual({
    versions: ['b.model.1', 'b.clean.1', 'b.raw.1', 'b.raw.2'],
    edges: ['b.clean.1>b.model.1', 'b.raw.1>b.model.1', 'b.raw.2>b.clean.1', 'b.gone.4>b.clean.1', 'b.raw.1>b.raw.2'],
    truncated: false,
  });
});

test('forwards: what was made from it', () => {
  expect(ask('b.raw.1', 'forwards')).toEqual({
    versions: ['b.raw.1', 'b.raw.2', 'b.model.1', 'b.clean.1'],
    edges: ['b.raw.1>b.raw.2', 'b.raw.1>b.model.1', 'b.raw.2>b.clean.1', 'b.clean.1>b.model.1'],
    truncated: false,
  });
});

test('it ends: with circles, at a depth and at a number', () => {
  expect(ask('b.loop.1', 'backwards').versions).toEqual(['b.loop.1', 'b.loop.2']);
  expect(ask('b.model.1', 'backwards', { depth: 1 })).toMatchObject({
    versions: ['b.model.1', 'b.clean.1', 'b.raw.1'],
    truncated: true,
  });
  expect(ask('b.raw.1', 'forwards', { limit: 2 })).toEqual({
    versions: ['b.raw.1', 'b.raw.2'],
    edges: ['b.raw.1>b.raw.2'],
    truncated: true,
  });
});
