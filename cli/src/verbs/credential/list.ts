import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import { localCredentials } from './local.ts';
import { credentialPath } from './types.ts';

interface CredentialEntry {
  cred_name: string;
  cred_type: string;
  profile?: string | null;
  /** Whether it is the namespace's, ours alone as the keys are. */
  shared?: boolean;
  keys?: readonly string[];
}

export const list: Verb = {
  path: ['credential', 'list'],
  summary: 'List your credentials',
  description: 'What they hold is never shown.',
  examples: [['credential list', 'names, types and what they are for']],
  formats: ['json', 'yaml', 'wide', 'name'],
  formatType: 'long',
  async run(session, input) {
    const client = await session.gateway();
    const answer = await client.json<{ credentials: CredentialEntry[] }>({ path: credentialPath });
    const { credentials } = answer;
    const local = await localCredentials(session);
    await printResult(session, input.format, {
      data: answer,
      names: credentials.map(({ cred_name: name }) => name),
      text: (wide) =>
        listTable(
          [
            { title: 'Name' },
            { title: 'Type' },
            { title: 'Profile' },
            { title: 'Local' },
            { title: 'Shared', wide: true },
            { title: 'Keys', wide: true },
          ],
          credentials.map(({ cred_name: name, cred_type: type, profile, shared, keys }) => [
            name,
            type,
            profile ?? '-',
            type === 'DATA' ? (Object.hasOwn(local, profile ?? '') ? 'Yes' : 'No') : 'N/A',
            shared === true ? 'Yes' : 'No',
            keys?.join(', ') || '-',
          ]),
          wide,
        ),
    });
  },
};
