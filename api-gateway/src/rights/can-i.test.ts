import { expect, test } from '@jest/globals';
import type { Deed } from '../access/access.ts';
import { forbidden, RequestError } from '../http/errors.ts';
import type { Call } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { rightsOperations } from './operations.ts';
import { questions, questionWords } from './questions.ts';

const ada: Identity = { user: 'ada', groups: [], method: 'oidc' };

/** Asks as somebody who has some rights, written as `verb resource name namespace`. */
async function ask(query: object, has: readonly string[], limit?: string): Promise<unknown> {
  const asked: string[] = [];
  const right = ({ verb, resource, subresource, name = '-', namespace = '-' }: Deed): string =>
    `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`} ${name} ${namespace}`;
  const access = {
    may: async (caller: Identity, deed: Deed) => {
      expect(caller).toBe(ada);
      asked.push(right(deed));
      return has.includes(right(deed));
    },
    demand: async () => undefined,
  };
  const catalog = {
    demand: () => {
      if (limit !== undefined) throw forbidden(limit);
    },
  };
  const [operation] = rightsOperations({ access, catalog, defaultNamespace: 'lab' });
  const answer = await operation!.handle({ caller: ada, query } as unknown as Call);
  return { ...(answer as { json: object }).json, asked };
}

const submitting = ['create workflows - lab', 'use pools gpu -'];

test('says yes where all rights are there, and asks for those of the pool and the namespace', async () => {
  expect(await ask({ do: 'submit', pool: 'gpu' }, submitting)).toEqual({
    allowed: true,
    user: 'ada',
    rights: [
      { right: 'create workflows.osmo.dev in the namespace "lab"', allowed: true },
      { right: 'use pools.osmo.dev "gpu"', allowed: true },
    ],
    asked: submitting,
  });
  expect(await ask({ do: 'logs', namespace: 'other' }, ['get workflows/log - other'])).toMatchObject({ allowed: true });
});

test('says no where one is missing, and which', async () => {
  for (const without of submitting) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await ask(
      { do: 'submit', pool: 'gpu' },
      submitting.filter((each) => each !== without),
    );
    expect(answer).toMatchObject({ allowed: false, rights: submitting.map((each) => ({ allowed: each !== without })) });
  }
});

test('says no where the access token is limited to roles that leave it out, and why', async () => {
  const answer = await ask({ do: 'submit', pool: 'gpu' }, submitting, 'the access token ci is limited to osmo-viewer');
  expect(answer).toMatchObject({ allowed: false, reason: 'the access token ci is limited to osmo-viewer' });
});

test('refuses questions that leave something out', async () => {
  for (const [query, message] of [
    [{}, 'do: must be given: one of submit, '],
    [{ do: 'submit' }, 'pool: must be given to ask about submit'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    const problem = await ask(query, []).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(RequestError);
    expect(String(problem)).toContain(message);
  }
});

test.each(questionWords)('%s takes a right or more, in the namespace or none', (word) => {
  const deeds = questions[word].needs({ namespace: 'n', pool: 'p' });
  expect(deeds.length).toBeGreaterThan(0);
  for (const deed of deeds) expect(['n', undefined]).toContain(deed.namespace);
});
