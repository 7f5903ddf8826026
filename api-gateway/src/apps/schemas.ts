const text = { type: 'string' } as const;
const time = { type: 'string', description: 'UTC without a zone mark.' } as const;
const object = (properties: Record<string, object>) =>
  ({ type: 'object', properties, required: Object.keys(properties) }) as const;
const listOf = (items: object) => ({ type: 'array', items }) as const;
const number = { type: 'integer', minimum: 1 } as const;

const version = {
  version: number,
  created_by: text,
  created_date: time,
  status: { type: 'string', enum: ['READY', 'PENDING_DELETE'] },
};
const app = { uuid: text, name: text, owner: text, description: text, created_date: time, namespace: text };

/** Longest recipe of an app, in characters, as the resource has it. */
export const longestRecipe = 1_048_576;

/** Schemas of bodies and answers about apps. */
export const appSchemas = {
  recipe: {
    type: 'string',
    minLength: 1,
    maxLength: longestRecipe,
    description: 'The recipe: YAML, or a template of it.',
  },
  newName: { type: 'string', minLength: 1, maxLength: 127, description: 'The new name.' },
  name: text,
  list: object({
    apps: listOf(object({ ...app, latest_version: { type: ['integer', 'null'] } })),
    more_entries: { type: 'boolean' },
  }),
  app: object({ ...app, versions: listOf(object(version)), more_entries: { type: 'boolean' } }),
  version: object({ uuid: text, name: text, ...version }),
  deleted: object({ versions: listOf(number) }),
} as const;
