export { type ClusterHandle } from './handle.ts';
export { type ClusterKind, type ClusterOptions } from './options.ts';
export { downCluster, loadImage, nodeImageNames, upCluster } from './cluster.ts';
export { startControlPlane } from './control-plane/start.ts';
export { type ControlPlane, type ControlPlaneOptions, type KwokOptions } from './control-plane/options.ts';
