import { describe, expect, test } from '@jest/globals';
import { kwokConfiguration, simulatedNode } from './kwok.ts';

describe('simulated nodes', () => {
  test('have what the options say and the usual rest', () => {
    expect(simulatedNode(7, { nodes: 10, capacity: { cpu: '8' }, labels: { gpu: 'h100' } })).toMatchObject({
      metadata: {
        name: 'kwok-0007',
        annotations: { 'kwok.x-k8s.io/node': 'fake' },
        labels: { gpu: 'h100', 'kubernetes.io/hostname': 'kwok-0007' },
      },
      status: { capacity: { cpu: '8', memory: '256Gi' }, allocatable: { cpu: '8' } },
    });
  });

  test('let pods run as long as the options say', () => {
    const documents = kwokConfiguration({ nodes: 1, runMs: 1500, startMs: 20 })
      .split('\n---\n')
      .map(
        (text) =>
          JSON.parse(text) as {
            kind: string;
            metadata: { name: string };
            spec: { delay?: { durationMilliseconds: number } };
          },
      );
    const stages = documents.filter(({ kind }) => kind === 'Stage');
    const delays = Object.fromEntries(
      stages.map(({ metadata, spec }) => [metadata.name, spec.delay?.durationMilliseconds]),
    );
    expect(delays).toEqual({ 'node-initialize': undefined, 'pod-run': 20, 'pod-end': 1500, 'pod-delete': undefined });
  });
});
