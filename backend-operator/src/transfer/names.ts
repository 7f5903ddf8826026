/** Init container that downloads inputs. */
export const downloadContainerName = 'osmo-download';

/** Native sidecar that uploads checkpoints, and outputs when the command has ended. */
export const runtimeContainerName = 'osmo-runtime';

/** Volume with the plan of transfers. */
export const planVolumeName = 'osmo-plan';

/** Volumes with data credentials are this and a number. */
export const credentialVolumePrefix = 'osmo-data-credential-';

/** Whether a container moves data; its end says nothing about the command. */
export function isTransferContainer(name: string): boolean {
  return name === downloadContainerName || name === runtimeContainerName;
}

/** Whether a volume is one that only runtime containers see. */
export function isTransferVolume(name: string): boolean {
  return name === planVolumeName || name.startsWith(credentialVolumePrefix);
}

/** Name of the Secret that holds the plan of a pod's transfers. */
export function planSecretNameOf(podName: string): string {
  return `${podName}-data`;
}
