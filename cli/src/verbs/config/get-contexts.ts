import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';

export const getContexts: Verb = {
  path: ['config', 'get-contexts'],
  summary: 'List the gateways that are known here',
  description: 'The current one has a `*`. Tokens are not shown.',
  examples: [
    ['config get-contexts', 'all of them'],
    ['config get-contexts -o name', 'names alone, for a script'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const { contexts, 'current-context': current } = await session.config();
    const rows = Object.entries(contexts).map(([name, { url, login, pool, namespace }]) => ({
      name,
      current: name === current,
      url,
      login: login?.method ?? null,
      user: login?.method === 'dev' ? login.user : null,
      pool: pool ?? null,
      namespace: namespace ?? null,
    }));
    await printResult(session, input.format, {
      data: { contexts: rows },
      names: rows.map(({ name }) => name),
      text: (wide) =>
        listTable(
          [
            ...['Current', 'Name', 'URL', 'Login', 'Pool', 'Namespace'].map((title) => ({ title })),
            { title: 'Method', wide: true },
          ],
          rows.map((row) => [
            row.current ? '*' : '',
            row.name,
            row.url,
            row.user ?? row.login ?? '-',
            row.pool ?? '-',
            row.namespace ?? '-',
            row.login ?? '-',
          ]),
          wide,
        ),
    });
  },
};
