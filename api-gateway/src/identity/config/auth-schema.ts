const text = { type: 'string', minLength: 1, maxLength: 2048 } as const;
const closed = (properties: object, required: readonly string[]): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

/** Algorithms of signatures that an issuer may use: none with a shared secret, and never `none`. */
export const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const mapping = closed({ claim: text, prefix: { type: 'string', maxLength: 128 } }, ['claim', 'prefix']);

const jwt = closed(
  {
    issuer: closed(
      {
        url: text,
        discoveryURL: text,
        audiences: { type: 'array', items: text, minItems: 1, maxItems: 64, uniqueItems: true },
        certificateAuthorityFile: text,
        allowHttp: { type: 'boolean' },
      },
      ['url', 'audiences'],
    ),
    claimMappings: closed({ username: mapping, groups: mapping }, ['username']),
    claimValidationRules: {
      type: 'array',
      maxItems: 64,
      items: closed({ claim: text, requiredValue: { type: 'string', maxLength: 2048 } }, ['claim', 'requiredValue']),
    },
    algorithms: { type: 'array', items: { enum: signatureAlgorithms }, minItems: 1, uniqueItems: true },
    clockSkewSeconds: { type: 'integer', minimum: 0, maximum: 300 },
  },
  ['issuer', 'claimMappings'],
);

const login = closed(
  {
    issuer: text,
    browser: closed(
      {
        clientId: text,
        clientSecretFile: text,
        scopes: { type: 'array', items: text, maxItems: 32 },
        parameters: { type: 'object', maxProperties: 16, additionalProperties: { type: 'string', maxLength: 2048 } },
      },
      ['clientId'],
    ),
    cli: closed({ clientId: text }, ['clientId']),
    session: closed(
      {
        lifetimeSeconds: { type: 'integer', minimum: 300, maximum: 2_592_000 },
        idleSeconds: { type: 'integer', minimum: 300, maximum: 2_592_000 },
      },
      [],
    ),
  },
  [],
);

const saml = closed(
  {
    name: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$' },
    entityID: text,
    ssoURL: text,
    certificates: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 16_384 },
      minItems: 1,
      maxItems: 8,
      uniqueItems: true,
    },
    spEntityID: text,
    claimMappings: closed({ username: mapping, groups: mapping, email: closed({ claim: text }, ['claim']) }, [
      'username',
    ]),
    nameIDFormat: text,
    clockSkewSeconds: { type: 'integer', minimum: 0, maximum: 120 },
    signRequests: { type: 'boolean' },
    keyPair: closed({ privateKeyFile: text, certificateFile: text }, ['privateKeyFile', 'certificateFile']),
    allowHttp: { type: 'boolean' },
  },
  ['name', 'entityID', 'ssoURL', 'certificates', 'claimMappings'],
);

const trustedProxies = closed(
  {
    networks: { type: 'array', items: text, minItems: 1, maxItems: 64 },
    usernamePrefix: { type: 'string', maxLength: 128 },
    groupPrefix: { type: 'string', maxLength: 128 },
  },
  ['networks'],
);

/** What the file of `--auth-config` may say. The words of `jwt` are those of Kubernetes' structured authentication configuration. */
export const authSchema = closed(
  {
    jwt: { type: 'array', items: jwt, maxItems: 64 },
    login,
    saml: { type: 'array', items: saml, maxItems: 16 },
    trustedProxies,
  },
  [],
);
