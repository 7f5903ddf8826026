import type { BaseLayerName } from './base-layers.ts';
import type { ImageSettings } from './image-configuration.ts';

/** One image that is made here, and the names it answers to where no registry can be reached. */
export interface StandIn {
  /** Layers, lowest first. */
  layers: BaseLayerName[];
  config: ImageSettings;
  /** Full names of the real images that it stands for. */
  names: string[];
  /** How it differs from the real ones. */
  difference: string;
}

const library = (name: string): string => `docker.io/library/${name}`;

/** Which image stands for which. Everything in them comes from Debian 12's packages. */
export const standIns: readonly StandIn[] = [
  {
    layers: ['busybox'],
    config: { command: ['sh'] },
    names: [library('busybox:latest'), library('busybox:1.36')],
    difference: "Debian's static busybox 1.35 instead of 1.36",
  },
  {
    layers: ['debian'],
    config: { command: ['bash'] },
    names: [library('debian:bookworm-slim'), library('debian:bookworm'), library('debian:12-slim')],
    difference: 'made by debootstrap from the same packages',
  },
  {
    layers: ['debian'],
    config: { command: ['bash'] },
    names: [library('ubuntu:22.04'), library('ubuntu:latest')],
    difference: 'Debian 12 instead of Ubuntu 22.04: other package versions, /etc/os-release says Debian',
  },
  {
    layers: ['debian', 'python'],
    config: { command: ['python3'], environment: { LANG: 'C.UTF-8' } },
    names: [library('python:3.11-slim'), library('python:3-slim'), library('python:3.11'), library('python:3')],
    difference: "Debian's Python 3.11 in /usr/bin instead of a build of its own in /usr/local/bin",
  },
];

/** Names of the images that the node itself runs; they are only made here. */
export const systemImages = { pause: 'osmo.local/pause:1', coredns: 'osmo.local/coredns' } as const;
