import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { isElsewhere, keepLocally } from './local.ts';
import { payloadOf } from './payload.ts';
import { credentialPath, type CredentialTypeName, credentialTypes } from './types.ts';

export const set: Verb = {
  path: ['credential', 'set'],
  summary: 'Keep a credential for workflows',
  description:
    'REGISTRY has auth, and registry and username; DATA has access_key_id, access_key and endpoint, and region, override_url and addressing_style; GENERIC has any keys. One of type DATA is kept on this machine too, for `osmo data` and `osmo dataset`. The shell keeps what it is given: prefer files, or keys alone, whose values are asked for.',
  arguments: [{ name: 'name', description: 'name of the credential' }],
  options: [
    {
      flags: '--type <type>',
      description: 'what it is for',
      choices: Object.keys(credentialTypes),
      default: 'GENERIC',
    },
    { flags: '--payload <key=value...>', description: 'what it holds; a key alone is asked for, without echo' },
    { flags: '--payload-file <key=path...>', description: 'files with what it holds; - is standard input' },
  ],
  examples: [
    ['credential set hub --type REGISTRY --payload registry=nvcr.io username=ada auth', 'and asks for auth'],
    ['credential set wandb --payload-file key=./wandb.key', 'from a file'],
    ['credential set wandb --payload-file key=- < wandb.key', 'from standard input'],
  ],
  formats: ['json', 'yaml', 'name'],
  formatType: 'long',
  async run(session, input) {
    const [name = ''] = input.args;
    const type = (input.text('type') ?? 'GENERIC') as CredentialTypeName;
    const payload = await payloadOf(session, input, type);
    const endpoint = payload['endpoint'];
    if (type === 'DATA' && endpoint !== undefined) payload['endpoint'] = endpoint.replace(/\/+$/, '');
    const profile = type === 'DATA' ? await keepLocally(session, name, payload) : undefined;
    try {
      const client = await session.gateway();
      await client.json<unknown>({
        method: 'POST',
        path: `${credentialPath}/${segment(name)}`,
        body: { [credentialTypes[type].field]: type === 'GENERIC' ? { credential: payload } : payload },
      });
    } catch (error) {
      if (profile === undefined || !isElsewhere(error)) throw error;
      session.note(`Kept on this machine only, for ${profile}: ${error.message}`);
    }
    // Not the answer: whatever it says of the credential, nothing secret is printed.
    await printResult(session, input.format, {
      data: { cred_name: name, cred_type: type },
      names: [name],
      text: () => `Set ${type} credential ${name}.`,
    });
  },
};
