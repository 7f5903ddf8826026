import type { JsonSchema } from '../http/operation.ts';

const text = { type: 'string' };
/** Objects are checked where they are read, whose messages don't repeat what was sent. */
const part = (description: string): JsonSchema => ({ type: ['object', 'null'], description });

/** Body of a request that sets a credential. */
export const credentialBody: JsonSchema = {
  type: 'object',
  description: 'Exactly one of the three.',
  properties: {
    registry_credential: part('registry (empty: Docker Hub; may have a path), username, auth.'),
    data_credential: part(
      'endpoint (a storage URL), access_key_id, access_key, region, override_url, addressing_style.',
    ),
    generic_credential: part('credential: an object of keys and values.'),
  },
};

const entry = {
  type: 'object',
  properties: {
    cred_name: text,
    cred_type: { type: 'string', enum: ['REGISTRY', 'DATA', 'GENERIC'] },
    profile: { type: ['string', 'null'] },
  },
  required: ['cred_name', 'cred_type', 'profile'],
};

export const credentialAnswers: Readonly<Record<'list' | 'set', JsonSchema>> = {
  list: {
    type: 'object',
    properties: {
      credentials: {
        type: 'array',
        items: {
          ...entry,
          properties: { ...entry.properties, shared: { type: 'boolean' }, keys: { type: 'array', items: text } },
        },
      },
    },
    required: ['credentials'],
  },
  set: entry,
};
