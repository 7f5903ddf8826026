import { usageFailure } from '../failure.ts';
import type { Config, Context } from './config-file.ts';
import { gatewayUrl } from './gateway-url.ts';

/** The context that a command uses; its name is undefined when only its address is known. */
export interface Current {
  name: string | undefined;
  context: Context;
}

/**
 * Which context is meant: `--context`, else the gateway at `OSMO_URL` (with the login that some context has for it), else the
 * current one of the file. A login is only ever used for the address that it was made for.
 *
 * @returns undefined when there is none
 * @throws Failure when the context that is named isn't there
 */
export function currentContext(config: Config, flag: string | undefined, url: string | undefined): Current | undefined {
  if (flag !== undefined) return named(config, flag, '--context');
  const current = config['current-context'];
  if (url !== undefined && url !== '') {
    const address = gatewayUrl(url, 'OSMO_URL');
    const matching = Object.entries(config.contexts).filter(([, context]) => context.url === address);
    const [name, context] = matching.find(([each]) => each === current) ?? matching[0] ?? [];
    return { name, context: context ?? { url: address } };
  }
  return current === undefined ? undefined : named(config, current, 'current-context');
}

function named(config: Config, name: string, from: string): Current {
  const context = Object.hasOwn(config.contexts, name) ? config.contexts[name] : undefined;
  if (context !== undefined) return { name, context };
  const known = Object.keys(config.contexts).map((each) => `'${each}'`);
  const there = known.length === 0 ? "there are none, 'osmo login' makes one" : `there are ${known.join(', ')}`;
  throw usageFailure(`${from} ${JSON.stringify(name)}: there is no such context; ${there}`);
}
