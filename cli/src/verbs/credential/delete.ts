import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { credentialPath } from './types.ts';

export const deleteCredential: Verb = {
  path: ['credential', 'delete'],
  summary: 'Delete a credential',
  arguments: [{ name: 'name', description: 'name of the credential' }],
  examples: [['credential delete wandb', 'workflows that are submitted later have it no more']],
  formats: ['json', 'yaml'],
  formatType: 'long',
  async run(session, input) {
    const [name = ''] = input.args;
    const client = await session.gateway();
    const answer = await client.json<unknown>({ method: 'DELETE', path: `${credentialPath}/${segment(name)}` });
    await printResult(session, input.format, { data: answer, text: () => `Deleted credential ${name}.` });
  },
};
