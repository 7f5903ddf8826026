import type { Dependencies } from '../dependencies.ts';
import { type Operation, operation } from '../http/operation.ts';
import { version } from '../version.ts';

/** What says how the gateway is, and who is calling. */
export function systemOperations({ caches, access }: Pick<Dependencies, 'caches' | 'access'>): Operation[] {
  const [major = '0', minor = '0', revision = '0'] = version.split('.');
  const number = { type: 'string' };
  return [
    operation({
      id: 'getVersion',
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
      id: 'getHealth',
      method: 'get',
      path: '/health',
      tag: 'System',
      summary: 'Says that the gateway answers',
      open: true,
      answer: { description: 'It does.', schema: { type: 'object' } },
      handle: () => ({ json: { status: 'OK' } }),
    }),
    operation({
      id: 'getProfile',
      method: 'get',
      path: '/api/profile/settings',
      tag: 'System',
      summary: 'Says who is calling, and which pools they see',
      answer: { description: 'The caller.', schema: { type: 'object', required: ['profile', 'roles', 'pools'] } },
      async handle({ caller }) {
        const sees = await access.may(caller, { verb: 'list', resource: 'pools' });
        const pools = sees
          ? caches.pools
              .list()
              .map(({ metadata }) => metadata.name)
              .toSorted()
          : [];
        const profile = {
          username: caller.user,
          email_notification: false,
          slack_notification: false,
          pool: null,
        };
        return { json: { profile, roles: caller.groups, pools } };
      },
    }),
  ];
}
