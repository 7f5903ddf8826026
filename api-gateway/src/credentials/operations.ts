import type { Credential } from '@osmo/crds';
import type { Dependencies } from '../dependencies.ts';
import { badRequest, notFound } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { credentialView, sameName, usableCredentials } from './entries.ts';
import { dropCredential, keepCredential, type Writers } from './keep.ts';
import { credentialName, type CredentialBody, readCredential } from './payload.ts';
import { credentialAnswers, credentialBody } from './schemas.ts';
import { tryCredential } from './try-credential.ts';

const tag = 'Credentials';
const place = {
  namespace: { type: 'text', description: 'Where it is; the default namespace when not given.', maxLength: 63 },
} as const;
const sharing = {
  ...place,
  shared: {
    type: 'boolean',
    description: 'For everybody in the namespace; takes the verb share on credentials.',
  },
} as const;

/**
 * Credentials of callers, and those that a namespace shares. What they hold comes in and never goes out: it is in Secrets, which the
 * gateway may make and delete, and not read.
 */
export function credentialOperations(dependencies: Dependencies): Operation[] {
  const { access, own, defaultNamespace, outgoing, credentialSwitches: switches } = dependencies;
  /** Who may make credentials in a namespace sees what there is for them; it is no list of the namespace's. */
  const usable = async (caller: Identity, namespace: string, signal: AbortSignal): Promise<Credential[]> => {
    checkNamespace(namespace);
    await access.demand(caller, { verb: 'create', resource: 'credentials', namespace });
    return usableCredentials(own, namespace, caller.user, signal);
  };
  const writers = (caller: Identity): Writers => ({ caller: dependencies.as(caller), own });
  return [
    operation({
      id: 'listCredentials',
      action: 'credentials:Read',
      method: 'get',
      path: '/api/credentials',
      tag,
      summary: 'Lists the credentials that the caller may use: their own, then the shared ones',
      parameters: place,
      answer: {
        description: 'Names, types and what they apply to. Never what they hold.',
        schema: credentialAnswers.list,
      },
      async handle({ caller, query, signal }) {
        const entries = await usable(caller, query.namespace ?? defaultNamespace, signal);
        return { json: { credentials: entries.map(credentialView) } };
      },
    }),
    operation({
      id: 'setCredential',
      action: 'credentials:Create',
      method: 'post',
      path: '/api/credentials/{name}',
      tag,
      summary: 'Sets a credential, also one that there is already',
      description:
        'It is tried first: a login at the registry, a look into the bucket. There is one for each registry scope and each profile of storage.',
      parameters: sharing,
      body: { schema: credentialBody },
      answer: { description: 'What was set, without what it holds.', schema: credentialAnswers.set },
      async handle({ caller, params, query, body, signal }) {
        const name = credentialName(params['name']);
        const namespace = query.namespace ?? defaultNamespace;
        const credential = readCredential(name, body as CredentialBody);
        const entries = await usable(caller, namespace, signal);
        await tryCredential(credential.trial, { outgoing, switches }, signal);
        const user = query.shared === true ? undefined : caller.user;
        const known = entries.filter(({ spec }) => spec.user === user);
        await keepCredential(writers(caller), { namespace, name, user }, credential, known, signal);
        const { type, profile = null } = credential;
        return { json: { cred_name: name, cred_type: type.toUpperCase(), profile } };
      },
    }),
    operation({
      id: 'deleteCredential',
      action: 'credentials:Delete',
      method: 'delete',
      path: '/api/credentials/{name}',
      tag,
      summary: 'Deletes a credential of the caller, or a shared one',
      parameters: sharing,
      answer: { description: 'What was deleted, without what it held.', schema: credentialAnswers.list },
      async handle({ caller, params, query, signal }) {
        const name = credentialName(params['name']);
        const namespace = query.namespace ?? defaultNamespace;
        const user = query.shared === true ? undefined : caller.user;
        const gone = (await usable(caller, namespace, signal)).filter(
          ({ spec }) => spec.user === user && sameName(spec.name, name),
        );
        if (gone.length === 0) {
          const whose = user === undefined ? 'no shared credential' : 'no credential of yours';
          throw notFound(
            `credential ${name}: there is ${whose} of that name in namespace ${namespace}; see osmo credential list`,
          );
        }
        for (const entry of gone) {
          // oxlint-disable-next-line no-await-in-loop
          await dropCredential(writers(caller), entry, signal);
        }
        return { json: { credentials: gone.map(credentialView) } };
      },
    }),
  ];
}

/** It stands in the path of a request under the gateway's own name. */
function checkNamespace(namespace: string): void {
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace)) return;
  throw badRequest(`namespace: ${JSON.stringify(namespace)}: must be lower-case letters, digits and '-'`);
}
