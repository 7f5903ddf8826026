/** The realm that signing in is tried with, as docs/signing-in.md sets one up. */
export function realm(gatewayUrls: readonly string[]): object {
  const groups = {
    name: 'groups',
    protocol: 'openid-connect',
    protocolMapper: 'oidc-group-membership-mapper',
    config: { 'claim.name': 'groups', 'full.path': 'false', 'id.token.claim': 'true', 'access.token.claim': 'true' },
  };
  const user = (username: string, group: string): object => ({
    username,
    enabled: true,
    email: `${username}@example.com`,
    emailVerified: true,
    firstName: username,
    lastName: 'Example',
    groups: [group],
    // What Keycloak gives to users that are made by hand; command lines ask for tokens that outlast a session.
    realmRoles: ['offline_access'],
    credentials: [{ type: 'password', value: `${username}-password`, temporary: false }],
  });
  return {
    realm: 'robots',
    enabled: true,
    sslRequired: 'none',
    groups: [{ name: 'lab' }, { name: 'admins' }],
    users: [user('ada', 'lab'), user('bob', 'admins')],
    clients: [
      {
        clientId: 'osmo',
        secret: 'browser-secret',
        standardFlowEnabled: true,
        redirectUris: gatewayUrls.map((url) => `${url}/api/auth/browser/callback`),
        attributes: {
          'post.logout.redirect.uris': gatewayUrls.map((url) => `${url}/`).join('##'),
          'backchannel.logout.url': `${gatewayUrls[0]}/api/auth/browser/backchannel-logout`,
          'backchannel.logout.session.required': 'true',
        },
        protocolMappers: [groups],
      },
      {
        clientId: 'osmo-cli',
        publicClient: true,
        standardFlowEnabled: true,
        directAccessGrantsEnabled: true,
        redirectUris: ['http://localhost:*'],
        attributes: { 'oauth2.device.authorization.grant.enabled': 'true', 'pkce.code.challenge.method': 'S256' },
        protocolMappers: [groups],
      },
      samlClient(`${gatewayUrls[0]}/api/auth/saml/keycloak`),
    ],
  };
}

function samlClient(base: string): object {
  return {
    clientId: `${base}/metadata`,
    protocol: 'saml',
    frontchannelLogout: true,
    redirectUris: [`${base}/acs`],
    attributes: {
      'saml.assertion.signature': 'true',
      'saml.server.signature': 'true',
      'saml.signature.algorithm': 'RSA_SHA256',
      'saml.client.signature': 'false',
      'saml.force.post.binding': 'true',
      'saml.authnstatement': 'true',
      saml_name_id_format: 'username',
      saml_force_name_id_format: 'true',
    },
    protocolMappers: [
      {
        name: 'groups',
        protocol: 'saml',
        protocolMapper: 'saml-group-membership-mapper',
        config: { 'attribute.name': 'groups', 'attribute.nameformat': 'Basic', single: 'true', 'full.path': 'false' },
      },
    ],
  };
}
