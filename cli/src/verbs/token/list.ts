import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { tokenPath, userOption } from './path.ts';

interface TokenEntry {
  token_name: string;
  description?: string | null;
  /** Begins with a day as YYYY-MM-DD, UTC. */
  expires_at: string;
  roles?: readonly string[] | null;
  created_at?: string | null;
  last_seen_at?: string | null;
}

export const list: Verb = {
  path: ['token', 'list'],
  summary: 'List access tokens',
  description: 'The tokens themselves are never shown.',
  options: [userOption],
  examples: [
    ['token list', 'yours'],
    ['token list -u robot-1', 'of another user'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const client = await session.gateway();
    const tokens = await client.json<TokenEntry[]>({ path: tokenPath(input.text('user')) });
    const { colors, host } = session;
    const today = host.now().toISOString().slice(0, 10);
    await printResult(session, input.format, {
      data: tokens,
      names: tokens.map(({ token_name: name }) => name),
      text: (wide) =>
        listTable(
          [
            { title: 'Name' },
            { title: 'Description' },
            { title: 'Active', paint: (text) => (text === 'Active' ? colors.green(text) : colors.red(text)) },
            { title: 'Expires At (UTC)' },
            { title: 'Roles' },
            { title: 'Created At', wide: true },
            { title: 'Last Used', wide: true },
          ],
          tokens.map(
            ({ token_name: name, description, expires_at: ends, roles, created_at: made, last_seen_at: used }) => {
              const day = ends.slice(0, 10);
              return [
                name,
                description || '-',
                day > today ? 'Active' : 'Expired',
                day,
                roles?.join(', ') || '-',
                shownTime(made, host.timeZone),
                shownTime(used, host.timeZone),
              ];
            },
          ),
          wide,
        ),
    });
  },
};
