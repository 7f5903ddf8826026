import type { Identity } from '../identity/identity.ts';
import type { Access } from './access.ts';

/**
 * The namespaces, of those given, in which a caller may list a resource; 'all' when it may list it everywhere. One question
 * where that settles it, else one for each namespace, remembered for a while.
 */
export async function readableNamespaces(
  access: Access,
  caller: Identity,
  resource: string,
  namespaces: () => Iterable<string>,
): Promise<'all' | ReadonlySet<string>> {
  if (await access.may(caller, { verb: 'list', resource })) return 'all';
  const names = [...new Set(namespaces())];
  const allowed: string[] = [];
  // In small lots: as many questions at once as there are namespaces would hold up everybody else's.
  for (let at = 0; at < names.length; at += lot) {
    const some = names.slice(at, at + lot);
    // oxlint-disable-next-line no-await-in-loop
    const answers = await Promise.all(
      some.map((namespace) => access.may(caller, { verb: 'list', resource, namespace })),
    );
    allowed.push(...some.filter((_, index) => answers[index]));
  }
  return new Set(allowed);
}

const lot = 16;
