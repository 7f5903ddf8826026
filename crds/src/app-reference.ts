import type * as z from 'zod';
import { integer, keyedList, object, oneOf, text } from './schema/fields.ts';
import { dnsLabel } from './schema/names.ts';

/** The app that a Workflow is made of when it is created. */
export const appReference = object(
  'app is a recipe that becomes the tasks or groups of this workflow when it is created: tasks, groups and source are left out then, and everything else that is set here wins over the recipe.',
  {
    name: dnsLabel('name of the App.'),
    namespace: dnsLabel("namespace of the App; the workflow's own when it is not set.").optional(),
    version: integer('version of the App. The newest one when it is not set; its number is then written here.', {
      min: 1,
      max: 2 ** 31 - 1,
    }).optional(),
    values: keyedList(
      'values for the recipe, over its default-values: what `osmo app submit --set` takes.',
      'name',
      object('One value.', {
        name: text('name of the value.', {
          min: 1,
          max: 256,
          pattern: /^[a-zA-Z_][a-zA-Z0-9_]*$/,
          what: "letters, digits and '_', not starting with a digit: a name that a template can use",
        }),
        value: text('value as text.', { max: 65_536 }),
        type: oneOf('type says whether a value that looks like a number is one (Auto) or a text all the same (Text).', [
          'Auto',
          'Text',
        ]).default('Auto'),
      }),
      { max: 256 },
    ).optional(),
  },
);

export type AppReference = z.output<typeof appReference>;
