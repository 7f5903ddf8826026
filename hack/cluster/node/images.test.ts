import { expect, test } from '@jest/globals';
import { digestNames } from './images.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const type = 'application/vnd.oci.image.manifest.v1+json';
const table = [
  'REF                              TYPE DIGEST SIZE PLATFORMS LABELS',
  `docker.io/library/busybox:latest ${type} ${digest('a')} 1.9 MiB linux/amd64 io.cri-containerd.image=managed`,
  `docker.io/library/busybox@${digest('a')} ${type} ${digest('a')} 1.9 MiB linux/amd64 -`,
  `localhost:5000/team/train:v1.2   ${type} ${digest('b')} 1.9 MiB linux/amd64 -`,
  `${digest('c')} ${type} ${digest('b')} 1.9 MiB linux/amd64 -`,
  '',
].join('\n');

test('images get a name with their digest, unless they have one; a digest by itself is no name', () => {
  expect(digestNames(table)).toEqual([
    { image: 'localhost:5000/team/train:v1.2', name: `localhost:5000/team/train@${digest('b')}` },
  ]);
});
