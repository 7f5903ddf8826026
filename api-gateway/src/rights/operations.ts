import { Api } from '@osmo/crds';
import type { Dependencies } from '../dependencies.ts';
import { badRequest, RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { RoleCatalog } from '../users/role-catalog.ts';
import { type Question, questions, type QuestionWord, questionWords, rightText } from './questions.ts';

/** Whether the caller may do something, before they try. */
export function rightsOperations({
  access,
  catalog,
  defaultNamespace,
}: Pick<Dependencies, 'access' | 'defaultNamespace'> & { catalog: Pick<RoleCatalog, 'demand'> }): Operation[] {
  return [
    operation({
      id: 'canI',
      action: 'auth:Can',
      method: 'get',
      path: '/api/auth/can-i',
      tag: 'Users',
      summary: 'Says whether the caller may do something, and by which rights',
      description:
        'RBAC is asked as it is when the thing is done; quotas, and what a pool says about workflows, are not. What an access token with roles leaves out is refused too.',
      parameters: {
        do: { type: 'text', enum: questionWords, description: 'What is to be done.' },
        pool: { type: 'text', maxLength: 63, description: 'Pool, for what is done in one.' },
        namespace: { type: 'text', maxLength: 63, description: 'Namespace; the one of the gateway by default.' },
      },
      answer: {
        description: 'Yes or no, and why.',
        schema: {
          type: 'object',
          properties: {
            allowed: { type: 'boolean' },
            user: { type: 'string' },
            rights: {
              type: 'array',
              items: {
                type: 'object',
                properties: { right: { type: 'string' }, allowed: { type: 'boolean' } },
                required: ['right', 'allowed'],
              },
            },
            reason: { type: 'string', description: 'Why the access token stands in the way.' },
          },
          required: ['allowed', 'user', 'rights'],
        },
      },
      async handle({ caller, query }) {
        const word = query.do as QuestionWord | undefined;
        if (word === undefined) throw badRequest(`do: must be given: one of ${questionWords.join(', ')}`);
        const question: Question = questions[word];
        if (question.inPool && query.pool === undefined) throw badRequest(`pool: must be given to ask about ${word}`);
        const needs = question.needs({ namespace: query.namespace ?? defaultNamespace, pool: query.pool ?? '' });
        const rights = await Promise.all(
          needs.map(async (deed) => ({ right: rightText(deed, Api.group), allowed: await access.may(caller, deed) })),
        );
        const reason = limitOf(catalog, caller, question);
        return {
          json: {
            allowed: reason === undefined && rights.every(({ allowed }) => allowed),
            user: caller.user,
            rights,
            ...(reason !== undefined && { reason }),
          },
        };
      },
    }),
  ];
}

function limitOf(catalog: Pick<RoleCatalog, 'demand'>, caller: Identity, question: Question): string | undefined {
  try {
    catalog.demand(caller, question);
    return undefined;
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
  }
}
