import { MountPaths } from '../plan/index.ts';
import type { DataContext } from './context.ts';
import { readySocket } from './ending-server.ts';

/** Where a container that moves data has what concerns it. */
export interface PodFiles {
  /** Folder with the plan. */
  plan: string;
  folders: DataContext['folders'];
  /** Is made where the program listens; see `ending-server.ts`. */
  socket: string;
  /** What the container has to say at its end. */
  terminationLog: string;
}

/** Where the operator and the kubelet put them. */
export const podFiles: PodFiles = {
  plan: MountPaths.plan,
  folders: {
    input: '/osmo/data/input',
    output: MountPaths.output,
    credentials: MountPaths.credentials,
    checkpoints: MountPaths.checkpoints,
  },
  socket: readySocket,
  terminationLog: '/dev/termination-log',
};
