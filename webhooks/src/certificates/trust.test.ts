import { expect, test } from '@jest/globals';
import type { WebhookConfiguration } from '../kinds.ts';
import { bundlesOf, trustPatch } from './trust.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const configuration = (...bundles: (string | undefined)[]): WebhookConfiguration => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'c', resourceVersion: '7' },
  webhooks: bundles.map((bundle, index) => ({
    name: `w${index}`,
    clientConfig: bundle === undefined ? {} : { caBundle: base64(bundle) },
  })),
});

test('what a configuration trusts is read as it is; nothing is the empty text', () => {
  expect(bundlesOf(configuration('a', undefined))).toEqual(['a', '']);
});

test('only what differs is written, and only onto the version that was looked at', () => {
  expect(trustPatch(configuration('a', 'b', undefined), 'a')).toEqual({
    kind: 'json',
    body: [
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value: base64('a') },
      { op: 'add', path: '/webhooks/2/clientConfig/caBundle', value: base64('a') },
    ],
  });
});

test('nothing is written when nothing differs', () => {
  expect(trustPatch(configuration('a', 'a'), 'a')).toBeUndefined();
  expect(trustPatch(configuration(), 'a')).toBeUndefined();
});
