import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isPlatform, nodeBuilds, platforms, verifyPackage, WrongPackageError } from './node-builds.ts';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  devDependencies: Record<string, string>;
};

test('the builds of Node are of the major release that the program is tested on', () => {
  const major = manifest.devDependencies['node']?.split('.')[0];
  expect(platforms).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
  for (const platform of platforms) expect(nodeBuilds[platform].version.split('.')[0]).toBe(major);
});

test('a package that is not the pinned one is refused, with both sums', () => {
  const build = nodeBuilds['linux-arm64'];
  expect(() => verifyPackage(build, Buffer.from('another'))).toThrow(WrongPackageError);
  expect(() => verifyPackage(build, Buffer.from('another'))).toThrow(build.sha256);
});

test('only names of systems that there are builds for are platforms', () => {
  expect(['linux-x64', 'windows-x64', 'toString', ''].map(isPlatform)).toEqual([true, false, false, false]);
});
