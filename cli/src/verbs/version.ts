import { GatewayClient } from '../http/client.ts';
import { currentContext } from '../config/current.ts';
import { printResult } from '../output/print.ts';
import type { Verb } from '../verb.ts';
import { version as own } from '../version.ts';

interface ServiceVersion {
  major: string | number;
  minor: string | number;
  revision: string | number;
  hash?: string | null;
}

export const version: Verb = {
  path: ['version'],
  summary: 'Print the versions of this program and of the gateway',
  description: 'Works without a login; without a gateway only the version of this program is printed.',
  examples: [
    ['version', 'both versions'],
    ['version -o json', 'for a script'],
  ],
  formats: ['json', 'yaml'],
  async run(session, { format }) {
    const { host } = session;
    const found = currentContext(await session.config(), session.contextFlag, host.env['OSMO_URL']);
    const service =
      found &&
      (await new GatewayClient({ host, url: found.context.url, identity: async () => ({}) }).json<ServiceVersion>({
        path: '/api/version',
        retry: false,
      }));
    const served = service && `${service.major}.${service.minor}.${service.revision}`;
    await printResult(session, format, {
      data: { client: { version: own }, ...(served !== undefined && { service: { ...service, version: served } }) },
      text: () => [`OSMO client version: ${own}`, ...(served ? [`OSMO service version: ${served}`] : [])].join('\n'),
    });
  },
};
