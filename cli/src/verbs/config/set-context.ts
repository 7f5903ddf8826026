import type { Context } from '../../config/config-file.ts';
import { gatewayUrl } from '../../config/gateway-url.ts';
import { usageFailure } from '../../failure.ts';
import type { Verb } from '../../verb.ts';

export const setContext: Verb = {
  path: ['config', 'set-context'],
  summary: 'Make a context, or change one',
  description: 'A login belongs to an address: with another address it is forgotten.',
  arguments: [{ name: 'name', description: 'name of the context' }],
  options: [
    { flags: '--url <address>', description: 'address of the gateway' },
    { flags: '--pool <name>', description: 'pool for submissions that name none; an empty text takes it away' },
    {
      flags: '--namespace <name>',
      description: 'namespace for submissions and lists that name none; an empty text takes it away',
    },
  ],
  examples: [
    ['config set-context lab --url https://osmo.example.com', 'a new one; `osmo login --context lab` signs in there'],
    ['config set-context lab --pool simulation', 'change what it submits to'],
  ],
  async run(session, input) {
    const [name = ''] = input.args;
    const config = await session.config();
    const known = Object.hasOwn(config.contexts, name) ? config.contexts[name] : undefined;
    const given = input.text('url');
    const url = given === undefined ? known?.url : gatewayUrl(given, '--url');
    if (url === undefined) throw usageFailure('--url: must be given for a new context');
    const context: Context = { ...known, url };
    if (known !== undefined && known.url !== url) delete context.login;
    for (const key of ['pool', 'namespace'] as const) {
      const value = input.text(key);
      if (value === '') delete context[key];
      else if (value !== undefined) context[key] = value;
    }
    await session.save({ ...config, contexts: { ...config.contexts, [name]: context } });
    session.print(`Context ${name} ${known === undefined ? 'created' : 'changed'}.`);
  },
};
