import { ExitCodes } from '../../exit-codes.ts';
import { Failure, usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { poolOf } from '../pool-of.ts';

interface Verdict {
  allowed: boolean;
  user: string;
  rights: readonly { right: string; allowed: boolean }[];
  reason?: string;
}

/** What can be asked about; those that are done in a pool first. */
const inPool = ['submit', 'restart'];
const words = [
  ...inPool,
  ...['list', 'read', 'logs', 'cancel', 'change-apps', 'change-datasets', 'change-buckets', 'set-credentials'],
  ...['change-pools', 'change-platforms', 'change-backends', 'manage-users'],
];

export const canI: Verb = {
  path: ['auth', 'can-i'],
  summary: 'Say whether you may do something, and by which rights',
  description:
    "Prints yes or no, and ends with 0 for yes. Quotas, and what a pool says about workflows, aren't asked: 'osmo workflow validate' does.",
  arguments: [{ name: 'what', description: 'what is to be done', choices: words }],
  options: [
    { flags: '-p, --pool <name>', description: 'pool, for what is done in one; the default one when not given' },
    { flags: '--namespace <name>', description: 'namespace; that of the context when not given' },
  ],
  examples: [
    ['auth can-i submit --pool gpu-a', 'before a workflow is written for it'],
    ['auth can-i change-pools', 'whether you administer pools'],
    ['auth can-i logs --namespace robots -t json', 'for a script: with the rights that it takes'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [what = ''] = input.args;
    if (!words.includes(what)) throw usageFailure(`what: ${JSON.stringify(what)}: must be one of ${words.join(', ')}`);
    const client = await session.gateway();
    const { context } = await session.current();
    const namespace = input.text('namespace') ?? context.namespace;
    const pool = inPool.includes(what) ? await poolOf(session, client, input.text('pool')) : undefined;
    const verdict = await client.json<Verdict>({
      path: '/api/auth/can-i',
      query: { do: what, ...(pool !== undefined && { pool }), ...(namespace !== undefined && { namespace }) },
    });
    await printResult(session, input.format, { data: verdict, text: () => (verdict.allowed ? 'yes' : 'no') });
    if (!verdict.allowed) throw new Failure(ExitCodes.usage, why(verdict));
  },
};

function why({ user, rights, reason }: Verdict): string {
  const missing = rights.filter(({ allowed }) => !allowed).map(({ right }) => right);
  if (missing.length === 0) return reason ?? `user ${user} may not`;
  return `user ${JSON.stringify(user)} has no right to ${missing.join(', nor to ')}; ask an administrator for a role that allows it`;
}
