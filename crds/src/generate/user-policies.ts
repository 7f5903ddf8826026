import { Api } from '../constants.ts';
import type { Policy } from './rights-policies.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';

/**
 * Whose settings a User holds: who changes the spec of one must be that user. Making one, and changing others', takes the verb `manage`
 * on `users.osmo.dev` of the name that stands in the spec, which is nobody's object: RBAC names it all the same.
 */
export function userPolicy(): Policy {
  const manages = `authorizer.group('${Api.group}').resource('users').name(object.spec.user).check('manage').allowed()`;
  return policyOf('user-settings', {
    resources: ['users'],
    matchConditions: [
      {
        name: 'new-or-changed',
        expression: "request.operation == 'CREATE' || object.metadata.generation != oldObject.metadata.generation",
      },
    ],
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
  return policyOf('access-token-issue', {
    resources: ['accesstokens'],
    matchConditions: [
      {
        name: 'new-or-changed',
        expression: "request.operation == 'CREATE' || object.metadata.generation != oldObject.metadata.generation",
      },
    ],
    expression: `authorizer.group('${Api.group}').resource('accesstokens').check('issue').allowed()`,
    message: "access tokens are made by the gateway; use 'osmo token set'",
    messageExpression: `'user "' + request.userInfo.username + '" may not make access tokens here: the gateway does; use "osmo token set"'`,
  });
}

interface Rule {
  resources: string[];
  matchConditions: object[];
  expression: string;
  message: string;
  messageExpression: string;
}

function policyOf(word: string, { resources, matchConditions, ...rule }: Rule): Policy {
  const name = `${word}.${Api.group}`;
  const resourceRules = [
    {
      apiGroups: [Api.group],
      apiVersions: [Api.version],
      operations: ['CREATE', 'UPDATE'],
      resources,
      scope: 'Cluster',
    },
  ];
  const head = { apiVersion, metadata: { name } };
  return {
    policy: {
      ...head,
      kind: 'ValidatingAdmissionPolicy',
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules },
        matchConditions,
        validations: [{ ...rule, reason: 'Forbidden' }],
      },
    },
    binding: {
      ...head,
      kind: 'ValidatingAdmissionPolicyBinding',
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  };
}
