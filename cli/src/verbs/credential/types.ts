/** A kind of credential: its keys, and where they stand in a request. */
export interface CredentialType {
  field: 'registry_credential' | 'data_credential' | 'generic_credential';
  /** Keys that must be given; undefined where any are allowed. */
  required: readonly string[];
  optional: readonly string[] | undefined;
}

/** Upstream's kinds of credentials. */
export const credentialTypes: Readonly<Record<'REGISTRY' | 'DATA' | 'GENERIC', CredentialType>> = {
  REGISTRY: { field: 'registry_credential', required: ['auth'], optional: ['registry', 'username'] },
  DATA: {
    field: 'data_credential',
    required: ['access_key_id', 'access_key', 'endpoint'],
    optional: ['region', 'override_url', 'addressing_style'],
  },
  GENERIC: { field: 'generic_credential', required: [], optional: undefined },
};

export type CredentialTypeName = keyof typeof credentialTypes;

/** Where the REST API has a credential. */
export const credentialPath = '/api/credentials';
