import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import type { Verb } from '../../verb.ts';
import { isFile, readRecipeFile, sendRecipe, type Submitted } from './submission.ts';
import { submitOptions, submitToPool } from './submit-to-pool.ts';

export const submit: Verb = {
  path: ['workflow', 'submit'],
  summary: 'Submit a recipe, or a workflow once more',
  description:
    'The recipe may be a template: the gateway renders it. Files that it names by `localpath` are read here, from the folder of the recipe.',
  arguments: [{ name: 'file-or-id', description: 'recipe, or id of a workflow to submit once more' }],
  options: submitOptions,
  examples: [
    ['workflow submit hello.yaml', 'submit a recipe to the default pool'],
    ['workflow submit train.yaml --pool lab --set workers=4 lr=0.1 --priority LOW', 'with variables of its template'],
    ['workflow submit train.yaml --dry-run', 'print what the template becomes'],
    ['workflow submit train-7 --pool lab', 'submit what a workflow was submitted as once more'],
    ['workflow submit hello.yaml -o name', 'print the id alone, for a script'],
    ['workflow submit hello.yaml --wait', 'and wait for its end, in a script or a pipeline'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [what = ''] = input.args;
    const recipe = isFile(session.host, what) ? readRecipeFile(session, what) : undefined;
    if (recipe !== undefined)
      return submitToPool(session, input, (client, target) => sendRecipe(session, client, recipe, input, target));
    const forTemplates = [...input.texts('set'), ...input.texts('set-string')].length > 0;
    checkId(what, input.flag('dry-run') || forTemplates);
    return submitToPool(session, input, (client, { pool, query }) =>
      client.json<Submitted>({
        method: 'POST',
        path: `/api/pool/${segment(pool)}/workflow`,
        query: { ...query, workflow_id: what },
        submission: true,
      }),
    );
  },
};

/** What is no file must be an id, and then there is no template to set variables of. */
function checkId(what: string, forTemplates: boolean): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*-\d+$/.test(what))
    throw usageFailure(`${JSON.stringify(what)}: there is no such file, and it is no id of a workflow such as hello-1`);
  if (forTemplates)
    throw usageFailure('--dry-run, --set, --set-string: are for recipes; a workflow is submitted as it was');
}
