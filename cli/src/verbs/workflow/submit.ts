import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { poolOf } from '../pool-of.ts';
import {
  isFile,
  printWarnings,
  readRecipeFile,
  recipeOptions,
  sendRecipe,
  type Submitted,
  targetQuery,
} from './submission.ts';

export const submit: Verb = {
  path: ['workflow', 'submit'],
  summary: 'Submit a recipe, or a workflow once more',
  description:
    'The recipe may be a template: the gateway renders it. Files that it names by `localpath` are read here, from the folder of the recipe.',
  arguments: [{ name: 'file-or-id', description: 'recipe, or id of a workflow to submit once more' }],
  options: [
    ...recipeOptions,
    {
      flags: '--set-env <name=value...>',
      description: "variables in the environment of every task, over the task's own",
    },
    { flags: '--priority <priority>', description: 'what goes first', choices: ['HIGH', 'NORMAL', 'LOW'] },
    { flags: '--dry-run', description: 'only print the rendered recipe' },
    { flags: '--rsync <local:remote>', description: 'not possible yet' },
  ],
  examples: [
    ['workflow submit hello.yaml', 'submit a recipe to the default pool'],
    ['workflow submit train.yaml --pool lab --set workers=4 lr=0.1 --priority LOW', 'with variables of its template'],
    ['workflow submit train.yaml --dry-run', 'print what the template becomes'],
    ['workflow submit train-7 --pool lab', 'submit what a workflow was submitted as once more'],
    ['workflow submit hello.yaml -o name', 'print the id alone, for a script'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [what = ''] = input.args;
    const dryRun = input.flag('dry-run');
    if (input.text('rsync') !== undefined)
      throw usageFailure('--rsync: uploading to running tasks is not possible yet');
    const recipe = isFile(session.host, what) ? readRecipeFile(session, what) : undefined;
    if (recipe === undefined) checkId(what, dryRun || [...input.texts('set'), ...input.texts('set-string')].length > 0);
    const client = await session.gateway();
    const pool = await poolOf(session, client, input.text('pool'));
    const query = await targetQuery(session, input);
    const priority = input.text('priority');
    const more = { priority, ...(!dryRun && { env_vars: input.texts('set-env') }) };
    const answer =
      recipe === undefined
        ? await client.json<Submitted>({
            method: 'POST',
            path: `/api/pool/${segment(pool)}/workflow`,
            query: { ...query, ...more, workflow_id: what },
            submission: true,
          })
        : await sendRecipe(client, recipe, input, {
            pool,
            query: { ...query, ...more, ...(dryRun && { dry_run: true }) },
          });
    if (dryRun && (input.format === 'text' || input.format === 'name'))
      return session.host.out.write(answer.spec ?? '');
    await printResult(session, input.format, {
      data: answer,
      names: [answer.name],
      text: () =>
        [
          'Workflow submit successful.',
          `Workflow ID        - ${answer.name}`,
          `Workflow Overview  - ${answer.overview ?? 'None'}`,
          ...(answer.dashboard_url === null ? [] : [`Workflow Dashboard - ${answer.dashboard_url}`]),
        ].join('\n'),
    });
    if (input.format !== 'text') return undefined;
    printWarnings(session, answer.warnings);
    if (priority === 'LOW') printWarnings(session, [lowPriority]);
    return undefined;
  },
};

const lowPriority = 'LOW priority workflows may be preempted when others need what they use.';

/** What is no file must be an id, and then there is no template to set variables of. */
function checkId(what: string, forTemplates: boolean): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*-\d+$/.test(what))
    throw usageFailure(`${JSON.stringify(what)}: there is no such file, and it is no id of a workflow such as hello-1`);
  if (forTemplates)
    throw usageFailure('--dry-run, --set, --set-string: are for recipes; a workflow is submitted as it was');
}
