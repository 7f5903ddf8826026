import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  containerNameOf,
  dnsLabel,
  filesSecretNameOf,
  isLabelValue,
  labelValue,
  podNameOf,
  submitterLabel,
} from './names.ts';

const dns = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

describe('names', () => {
  test.each([
    ['plain', 'plain'],
    ['team/a b', 'team_a_b'],
    ['-.x.-', 'x'],
    ['x'.repeat(70), 'x'.repeat(63)],
    [`${'x'.repeat(62)}--y`, 'x'.repeat(62)],
    ['ünï', 'n'],
    ['', ''],
  ])('label value of %j', (text, value) => expect(labelValue(text)).toBe(value));

  test.each([
    [undefined, undefined],
    ['', undefined],
    ['jo', 'jo'],
    ['jo.do@example.com', 'jo.do'],
    ['system:serviceaccount:a:b', undefined],
    ['a b@example.com', undefined],
    ['@example.com', undefined],
    ['jo@x@y', undefined],
    ['x'.repeat(64), undefined],
  ])('submitter label of %j', (text, value) => expect(submitterLabel(text)).toBe(value));

  test.each([
    ['Train_Model', 'train-model'],
    ['a'.repeat(80), 'a'.repeat(63)],
    ['_x_', 'x'],
    ['---', 'task'],
  ])('container name of %j', (text, name) => expect(containerNameOf(text)).toBe(name));

  test('a pod name says what it runs and is fixed by UID and attempt', () => {
    const task = { name: 'hello.train', uid: 'a1b2c3d4-e5f6-4711-8899-aabbccddeeff' };
    expect(podNameOf(task, 0)).toBe('hello-train-a1b2c3d4e5f6471188-0');
    expect(podNameOf(task, 1)).toBe('hello-train-a1b2c3d4e5f6471188-1');
  });

  test('laws: whatever the text, the names are valid', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 300 }));
    fc.assert(
      fc.property(text, fc.uuid(), fc.nat(9999), (name, uid, attempt) => {
        expect(isLabelValue(labelValue(name))).toBe(true);
        expect(containerNameOf(name)).toMatch(dns);
        expect(dnsLabel(name, 63, 'x').length).toBeLessThanOrEqual(63);
        const pod = podNameOf({ name, uid }, attempt);
        expect(pod).toMatch(dns);
        expect(pod.length).toBeLessThanOrEqual(63);
        expect(filesSecretNameOf(pod)).toMatch(dns);
        const submitter = submitterLabel(name);
        if (submitter !== undefined) expect(isLabelValue(submitter)).toBe(true);
      }),
    );
  });

  test('law: different attempts and different Tasks have different pods', () => {
    fc.assert(
      fc.property(fc.string(), fc.uuid(), fc.uuid(), fc.nat(99), fc.nat(99), (name, a, b, i, j) => {
        const same = podNameOf({ name, uid: a }, i) === podNameOf({ name, uid: b }, j);
        expect(same).toBe(a === b && i === j);
      }),
    );
  });
});
