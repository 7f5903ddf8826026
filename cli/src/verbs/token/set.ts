import { printResult } from '../../output/print.ts';
import { startOfDay } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { tokenPath, userOption } from './path.ts';

/** How long a token is good for when nothing is said; upstream's. */
const defaultDays = 31;
const dayMs = 86_400_000;

export const set: Verb = {
  path: ['token', 'set'],
  summary: 'Make an access token',
  description: 'It is printed once and can’t be read again.',
  arguments: [{ name: 'name', description: 'name of the token' }],
  options: [
    {
      flags: '-e, --expires-at <date>',
      description: `day (YYYY-MM-DD, UTC) from which it isn't good any more; in ${defaultDays} days when not given`,
      type: 'date',
    },
    { flags: '-d, --description <text>', description: 'what it is for' },
    { flags: '-r, --roles <role...>', description: 'only these of your roles' },
    userOption,
  ],
  examples: [
    ['token set ci -e 2027-01-31 -d "nightly runs" > token', 'into a file, for `osmo login --token-file`'],
    ['token set robot -u robot-1 -r osmo-user', 'for another user, with one role'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const given = input.text('expires-at');
    if (given !== undefined) startOfDay(given, 'expires-at');
    const later = new Date(session.host.now().getTime() + defaultDays * dayMs);
    const client = await session.gateway();
    const token = await client.json<string>({
      method: 'POST',
      path: tokenPath(input.text('user'), input.args[0] ?? ''),
      query: {
        expires_at: given ?? later.toISOString().slice(0, 10),
        description: input.text('description'),
        roles: input.texts('roles'),
      },
    });
    if (input.format === 'text') session.note('Keep this token in a safe place: it is not shown again.');
    await printResult(session, input.format, { data: { token }, text: () => token });
  },
};
