import { describe, expect, test } from '@jest/globals';
import { goProblem } from './components/build.ts';
import { versionProblem } from './current.ts';
import { nodeComponent } from './node/control.ts';
import { objectPath } from './api.ts';
import { optionsFromEnvironment } from './options.ts';
import { missingPackages } from './system/packages.ts';
import { cacheFolder } from './system/cache.ts';

describe('CLUSTER and CLUSTER_NAME', () => {
  test.each([
    [{}, { name: 'osmo' }],
    [{ CLUSTER: '', CLUSTER_NAME: '' }, { name: 'osmo' }],
    [
      { CLUSTER: 'kind', CLUSTER_NAME: 'a' },
      { kind: 'kind', name: 'a' },
    ],
  ])('%j give %j', (environment, want) => {
    expect(optionsFromEnvironment(environment)).toEqual(want);
  });

  test('refuse what is unknown', () => {
    expect(() => optionsFromEnvironment({ CLUSTER: 'k3s' })).toThrow('CLUSTER="k3s": allowed are local, kind, current');
  });
});

test.each([
  ['a chosen folder', { OSMO_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' }, '/c'],
  ['the XDG folder', { XDG_CACHE_HOME: '/x' }, '/x/osmo'],
])('the cache is in %s', (_, environment, want) => {
  expect(cacheFolder(environment)).toBe(want);
});

test.each([
  ['1', '30', undefined],
  ['1', '36+', undefined],
  ['2', '0', undefined],
  ['1', '29', 'the cluster runs Kubernetes 1.29; OSMO needs 1.30 or newer'],
  ['', '', 'the cluster runs Kubernetes .; OSMO needs 1.30 or newer'],
])('Kubernetes %s.%s: %s', (major, minor, want) => {
  expect(versionProblem(major, minor)).toBe(want);
});

test.each([
  ['go1.26.8', undefined],
  ['go1.27', undefined],
  ['go2.0', undefined],
  ['go1.19.8', 'go1.19.8 is too old'],
  [undefined, 'go is not installed; install Go 1.26 or newer'],
])('Go %s: %s', (version, want) => {
  if (want === undefined) expect(goProblem(version)).toBeUndefined();
  else expect(goProblem(version)).toContain(want);
});

test('packages are missing when none of their files is there', () => {
  expect(missingPackages(() => true)).toEqual([]);
  expect(missingPackages((path) => path !== '/usr/bin/socat')).toEqual(['socat']);
  expect(missingPackages((path) => !path.endsWith('/bridge'))).toEqual(['containernetworking-plugins']);
  expect(missingPackages((path) => path !== '/usr/sbin/runc')).toEqual([]);
});

test('components go by their names, with or without kube-', () => {
  expect(nodeComponent('kubelet')).toBe('kubelet');
  expect(nodeComponent('apiserver')).toBe('kube-apiserver');
  expect(() => nodeComponent('docker')).toThrow('component "docker": allowed are etcd, containerd, kube-apiserver');
});

test('objects are found by their paths', () => {
  expect(objectPath({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'n' } })).toBe(
    '/api/v1/namespaces/n/services/s',
  );
  expect(objectPath({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'n' } })).toBe(
    '/apis/apps/v1/namespaces/n/deployments/d',
  );
  expect(() => objectPath({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } })).toThrow('kind Pod: known are');
});
