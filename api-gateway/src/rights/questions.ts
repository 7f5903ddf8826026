import type { Deed } from '../access/access.ts';
import type { Action } from '../http/action.ts';

/** Where something is to be done. */
export interface Where {
  namespace: string;
  /** Present for what needs a pool. */
  pool: string;
}

/** Something that people do, the action of its operation, and the rights that it takes. */
export interface Question {
  /** What a token with roles must include. */
  action: Action;
  /** Whether it is done in a pool. */
  inPool: boolean;
  needs(where: Where): readonly Deed[];
}

const inNamespace =
  (verb: Deed['verb'], resource: string, subresource?: string) =>
  ({ namespace }: Where): Deed[] => [{ verb, resource, namespace, ...(subresource !== undefined && { subresource }) }];
const everywhere = (verb: Deed['verb'], resource: string) => (): Deed[] => [{ verb, resource }];
const use = ({ pool }: Where): Deed => ({ verb: 'use', resource: 'pools', name: pool });

/** What can be asked about: the words of the command line and what each takes, as the gateway and admission demand it. */
export const questions = {
  submit: {
    action: 'workflow:Create',
    inPool: true,
    needs: (where) => [...inNamespace('create', 'workflows')(where), use(where)],
  },
  restart: {
    action: 'workflow:Create',
    inPool: true,
    needs: (where) => [...inNamespace('patch', 'workflows')(where), use(where)],
  },
  list: { action: 'workflow:List', inPool: false, needs: inNamespace('list', 'workflows') },
  read: { action: 'workflow:Read', inPool: false, needs: inNamespace('get', 'workflows') },
  logs: { action: 'workflow:Read', inPool: false, needs: inNamespace('get', 'workflows', 'log') },
  cancel: { action: 'workflow:Cancel', inPool: false, needs: inNamespace('patch', 'workflows') },
  'change-apps': { action: 'app:Update', inPool: false, needs: inNamespace('patch', 'apps') },
  'change-datasets': { action: 'dataset:Write', inPool: false, needs: inNamespace('patch', 'datasets') },
  'change-buckets': { action: 'dataset:Write', inPool: false, needs: inNamespace('patch', 'buckets') },
  'set-credentials': { action: 'credentials:Create', inPool: false, needs: inNamespace('create', 'credentials') },
  'change-pools': { action: 'config:Update', inPool: false, needs: everywhere('patch', 'pools') },
  'change-platforms': { action: 'config:Update', inPool: false, needs: everywhere('patch', 'platforms') },
  'change-backends': { action: 'config:Update', inPool: false, needs: everywhere('patch', 'backends') },
  'manage-users': { action: 'user:Update', inPool: false, needs: everywhere('manage', 'users') },
} as const satisfies Record<string, Question>;

export type QuestionWord = keyof typeof questions;
export const questionWords = Object.keys(questions) as QuestionWord[];

/** A right as one reads it: `create workflows.osmo.dev in the namespace "lab"`. */
export function rightText({ verb, resource, subresource, namespace, name }: Deed, group: string): string {
  const what = `${verb} ${resource}.${group}${subresource === undefined ? '' : `/${subresource}`}`;
  const which = name === undefined ? what : `${what} ${JSON.stringify(name)}`;
  return namespace === undefined ? which : `${which} in the namespace ${JSON.stringify(namespace)}`;
}
