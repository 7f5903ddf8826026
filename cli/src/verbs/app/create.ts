import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { plainAppName } from './app-name.ts';
import { keepEdited } from './keep-edited.ts';
import { givenRecipe } from './recipe-text.ts';

export const create: Verb = {
  path: ['app', 'create'],
  summary: 'Create an app of a recipe',
  description: 'Without --file your editor (VISUAL, EDITOR, else vi) opens, with a recipe to begin with.',
  arguments: [{ name: 'name', description: 'name of the app' }],
  options: [
    { flags: '-d, --description <text>', description: 'what it is for; must be given' },
    { flags: '-f, --file <file>', description: 'recipe, or - for standard input' },
  ],
  examples: [
    ['app create train-robot -d "Trains a policy for one robot" -f train.yaml', 'from a file'],
    ['app create train-robot -d "Trains a policy for one robot"', 'in your editor'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const { name, path } = plainAppName(input.args[0] ?? '');
    const description = input.text('description');
    if (description === undefined) throw usageFailure('--description: must be given');
    const recipe = await givenRecipe(session, input.text('file'), name, async () => example);
    const client = await session.gateway();
    const answer = await keepEdited(session, recipe, name, () =>
      client.json<unknown>({ method: 'POST', path, query: { description }, body: recipe.text }),
    );
    await printResult(session, input.format, { data: answer, text: () => `App ${name} created successfully` });
  },
};

const example = `workflow:
  name: hello
  tasks:
    - name: greet
      image: ubuntu:22.04
      command: [echo, 'hello {{ who }}']
default-values:
  # Comments here are what the users of the app read about its parameters.
  who: world
`;
