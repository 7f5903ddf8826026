import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';

/** What the garbage of one bucket is collected with. */
export interface CollectSettings {
  /** Base URL of the gateway, without '/' at its end. */
  gateway: string;
  /** As the gateway's clients name it: `robots`, or `team-a.robots`. */
  bucket: string;
  /** How long something must have been garbage before it is deleted. */
  graceSeconds: number;
  /** File with the token that the gateway is asked with; it may be replaced at any time. */
  tokenFile: string;
  /** Folder with the fields of a data credential; without any the pod's own identity counts. */
  credential: string;
}

const defaults = {
  'grace-seconds': '86400',
  'token-file': '/run/osmo/token/token',
  credential: '/run/osmo/credentials/0',
} as const;

export const collectUsage = `collect --gateway URL --bucket NAME [--grace-seconds ${defaults['grace-seconds']}]
      [--token-file ${defaults['token-file']}] [--credential ${defaults.credential}]`;

/**
 * Reads the arguments of `collect`.
 *
 * @throws UsageError that names the flag, its value and what is allowed
 */
export function parseCollectSettings(argv: readonly string[]): CollectSettings {
  const values = parse(argv);
  const { gateway, bucket, credential } = values;
  const url = URL.parse(gateway);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw new UsageError(`--gateway ${JSON.stringify(gateway)}: must be an http or https URL without credentials`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(bucket)) {
    throw new UsageError(`--bucket ${JSON.stringify(bucket)}: must be the name of a bucket, as the gateway lists it`);
  }
  const graceSeconds = Number(values['grace-seconds']);
  if (!Number.isSafeInteger(graceSeconds) || graceSeconds < 3600) {
    throw new UsageError(
      `--grace-seconds ${JSON.stringify(values['grace-seconds'])}: must be an integer of at least 3600: uploads may be under way`,
    );
  }
  return { gateway: gateway.replace(/\/+$/, ''), bucket, graceSeconds, tokenFile: values['token-file'], credential };
}

function parse(argv: readonly string[]) {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        gateway: text(''),
        bucket: text(''),
        'grace-seconds': text(defaults['grace-seconds']),
        'token-file': text(defaults['token-file']),
        credential: text(defaults.credential),
      },
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
