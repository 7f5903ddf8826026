import { type Operation, operation } from '../http/operation.ts';
import type { Options } from '../options.ts';
import { version } from '../version.ts';

/** What the gateway was started with, as far as it tells callers. */
export type Settings = Omit<Options, 'kubeconfig' | 'logLevel'>;

/** What says how the gateway is. */
export function systemOperations({ clients }: Pick<Settings, 'clients'>): Operation[] {
  const [major = '0', minor = '0', revision = '0'] = version.split('.');
  const number = { type: 'string' };
  return [
    operation({
      id: 'getVersion',
      action: 'system:Version',
      method: 'get',
      path: '/api/version',
      tag: 'System',
      summary: 'Reads the version of the gateway',
      open: true,
      answer: {
        description: 'The version.',
        schema: {
          type: 'object',
          properties: { major: number, minor: number, revision: number },
          required: ['major', 'minor', 'revision'],
        },
      },
      handle: () => ({ json: { major, minor, revision, hash: '' } }),
    }),
    operation({
      id: 'getClientVersion',
      action: 'system:Version',
      method: 'get',
      path: '/client/version',
      tag: 'System',
      summary: 'Says which versions of the client are answered',
      open: true,
      answer: {
        description: 'Versions; null where nothing is checked.',
        schema: { type: 'object', required: ['latest_version', 'min_supported_version', 'client_install_url'] },
      },
      handle: () => ({
        json: {
          latest_version: clients.latest ?? null,
          min_supported_version: clients.minimum ?? null,
          client_install_url: clients.installUrl ?? null,
        },
      }),
    }),
    operation({
      id: 'getPluginConfigs',
      action: 'workflow:Rsync',
      method: 'get',
      path: '/api/plugins/configs',
      tag: 'System',
      summary: 'Says how files are kept in step with tasks: not at all here',
      answer: { description: 'Settings of rsync.', schema: { type: 'object', required: ['rsync'] } },
      handle: () => ({
        json: {
          rsync: {
            enabled: false,
            allowed_paths: {},
            client_upload_rate_limit: 2_097_152,
            daemon_debounce_delay: 30,
            daemon_poll_interval: 120,
            daemon_reconcile_interval: 60,
          },
        },
      }),
    }),
    operation({
      id: 'getHealth',
      action: 'system:Health',
      method: 'get',
      path: '/health',
      tag: 'System',
      summary: 'Says that the gateway answers',
      open: true,
      answer: { description: 'It does.', schema: { type: 'object' } },
      handle: () => ({ json: { status: 'OK' } }),
    }),
  ];
}
