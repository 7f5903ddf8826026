import { printResult } from '../../output/print.ts';
import { fields } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';

interface Settings {
  profile: {
    username?: string | null;
    email_notification?: boolean | null;
    slack_notification?: boolean | null;
    pool?: string | null;
    bucket?: string | null;
  };
  roles?: readonly string[];
  pools?: readonly string[];
  token?: { name?: string | null; expires_at: string } | null;
}

export const list: Verb = {
  path: ['profile', 'list'],
  summary: 'Show who you are to the gateway, and what you see there',
  examples: [
    ['profile list', 'user, default pool, roles'],
    ['profile list -t json', 'for a script'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const client = await session.gateway();
    const settings = await client.json<Settings>({ path: '/api/profile/settings' });
    const { profile, roles = [], pools = [], token } = settings;
    await printResult(session, input.format, {
      data: settings,
      text: () =>
        fields([
          ['User', profile.username ?? '-'],
          ['Email Notification', onOrOff(profile.email_notification)],
          ['Slack Notification', onOrOff(profile.slack_notification)],
          ['Default Pool', profile.pool ?? '-'],
          ['Default Bucket', profile.bucket ?? '-'],
          ['Accessible Pools', pools.join(', ') || '-'],
          ...(token ? [['Token Expires', shownTime(token.expires_at, session.host.timeZone)] as const] : []),
          ['Roles', roles.join(', ') || '-'],
        ]),
    });
  },
};

const onOrOff = (value: boolean | null | undefined): string => (value === true ? 'True' : 'False');
