import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { forgetLocally, isElsewhere } from './local.ts';
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
    const local = await forgetLocally(session, name);
    let answer: unknown = { credentials: local.map((profile) => ({ cred_name: name, cred_type: 'DATA', profile })) };
    try {
      const client = await session.gateway();
      answer = await client.json<unknown>({ method: 'DELETE', path: `${credentialPath}/${segment(name)}` });
    } catch (error) {
      if (local.length === 0 || !isElsewhere(error)) throw error;
    }
    await printResult(session, input.format, { data: answer, text: () => `Deleted credential ${name}.` });
  },
};
