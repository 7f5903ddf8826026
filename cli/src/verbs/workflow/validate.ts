import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Session } from '../../session.ts';
import type { Input, Verb } from '../../verb.ts';
import { poolOf } from '../pool-of.ts';
import { readLocalFiles } from './local-files.ts';
import { printWarnings, readRecipeFile, recipeOptions, sendRecipe, targetQuery } from './submission.ts';

export const validate: Verb = {
  path: ['workflow', 'validate'],
  summary: 'Check a recipe and submit nothing',
  description:
    'The gateway checks all that it checks of a submission. With --offline nothing leaves this machine: the recipe alone is checked, not pool, rights and quota.',
  arguments: [{ name: 'file', description: 'recipe' }],
  options: [...recipeOptions, { flags: '--offline', description: 'check the recipe alone, without the gateway' }],
  examples: [
    ['workflow validate train.yaml --set workers=4', 'as the gateway would check a submission'],
    ['workflow validate train.yaml --offline', 'without a gateway, as in a pull request'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const recipe = readRecipeFile(session, input.args[0] ?? '');
    const { logs, warnings } = input.flag('offline')
      ? await offline(session, input)
      : await online(session, input, recipe);
    await printResult(session, input.format, { data: { logs, warnings }, text: () => logs });
    if (input.format === 'text') printWarnings(session, warnings);
  },
};

interface Verdict {
  logs: string;
  warnings: readonly string[];
}

async function online(session: Session, input: Input, recipe: ReturnType<typeof readRecipeFile>): Promise<Verdict> {
  const client = await session.gateway();
  const pool = await poolOf(session, client, input.text('pool'));
  const query = await targetQuery(session, input);
  const { logs, warnings = [] } = await sendRecipe(session, client, recipe, input, {
    pool,
    query: { ...query, validation_only: true },
  });
  return { logs: logs ?? '', warnings };
}

async function offline(session: Session, input: Input): Promise<Verdict> {
  const { describeRecipeProblem, localPathsOf, readRecipe, renderRecipe } = await import('@osmo/workflow-spec');
  const { text, folder } = readRecipeFile(session, input.args[0] ?? '');
  const request = { text, set: input.texts('set'), setString: input.texts('set-string'), labels: input.texts('label') };
  const rendered = renderRecipe(request);
  const paths = 'document' in rendered ? localPathsOf(rendered.document) : [];
  // Of those that can't be read the reader tells the place.
  const { found } = readLocalFiles(paths, folder);
  const read = readRecipe({ ...request, localFiles: found });
  if ('problems' in read) throw usageFailure(read.problems.map(describeRecipeProblem).join('\n'));
  return { logs: 'Workflow validation succeeded.', warnings: read.warnings };
}
