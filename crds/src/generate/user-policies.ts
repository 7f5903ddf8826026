import { Api } from '../constants.ts';
import { admissionPolicy, type Policy } from './admission-policy.ts';

/**
 * Whose settings a User holds: who changes the spec of one must be that user. Making one, and changing others', takes the verb `manage`
 * on `users.osmo.dev` of the name that stands in the spec, which is nobody's object: RBAC names it all the same.
 */
export function userPolicy(): Policy {
  const manages = `authorizer.group('${Api.group}').resource('users').name(object.spec.user).check('manage').allowed()`;
  return ofCluster('user-settings', {
    resources: ['users'],
    expression: `(request.operation == 'UPDATE' && oldObject.spec.user == request.userInfo.username && object.spec.user == oldObject.spec.user) || ${manages}`,
    message: "spec: these are another user's settings",
    messageExpression:
      `'spec.user: "' + object.spec.user + '": user "' + request.userInfo.username + '" may only change their own settings; ` +
      `those of others take the verb manage on users.${Api.group}'`,
  });
}

/**
 * Who makes access tokens: the gateway, which knows which groups a caller is in, and how long tokens may live. Nobody else has the
 * verb `issue` but who may do everything. Whoever may delete one revokes it.
 */
export function accessTokenPolicy(): Policy {
  return ofCluster('access-token-issue', {
    resources: ['accesstokens'],
    expression: `authorizer.group('${Api.group}').resource('accesstokens').check('issue').allowed()`,
    message: "access tokens are made by the gateway; use 'osmo token set'",
    messageExpression: `'user "' + request.userInfo.username + '" may not make access tokens here: the gateway does; use "osmo token set"'`,
  });
}

interface Rule {
  resources: string[];
  expression: string;
  message: string;
  messageExpression: string;
}

/** Of a kind without a namespace: asked when one is made, and when its spec changes. */
function ofCluster(word: string, { resources, ...rule }: Rule): Policy {
  const operations = ['CREATE', 'UPDATE'];
  return admissionPolicy(word, {
    resourceRules: [{ apiGroups: [Api.group], apiVersions: [Api.version], operations, resources, scope: 'Cluster' }],
    matchConditions: [
      {
        name: 'new-or-changed',
        expression: "request.operation == 'CREATE' || object.metadata.generation != oldObject.metadata.generation",
      },
    ],
    validations: [{ ...rule, reason: 'Forbidden' }],
  });
}
