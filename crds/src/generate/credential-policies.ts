import { Api, Labels } from '../constants.ts';
import { podSecretPattern, userSecretPattern } from '../credential-names.ts';
import { admissionPolicy, type Policy } from './admission-policy.ts';

/** Asks the authorizer about a verb on credentials of the namespace; ours, so no right of Kubernetes' own roles covers them. */
const may = (verb: string): string =>
  `authorizer.group('${Api.group}').resource('credentials').namespace(request.namespace).check('${verb}').allowed()`;

/**
 * What Kubernetes does by itself: it deletes what is in a namespace that goes, and what has lost its owner.
 * Its own identities, and the ServiceAccounts of kube-system.
 */
const isSystem =
  "(request.userInfo.username.startsWith('system:') && !request.userInfo.username.startsWith('system:serviceaccount:'))" +
  " || request.userInfo.username.startsWith('system:serviceaccount:kube-system:')";

/**
 * Whose a Credential is: who writes one that has a user must be that user. What is shared, and what is others', takes the verb
 * `share` on credentials.
 */
export function credentialOwnerPolicy(): Policy {
  const isOwn = (object: string): string =>
    `has(${object}.spec.user) && ${object}.spec.user == request.userInfo.username`;
  const label = (name: string): string =>
    `(has(object.metadata.labels) && '${name}' in object.metadata.labels ? object.metadata.labels['${name}'] : '')`;
  return admissionPolicy('credential-owner', {
    resourceRules: [
      {
        apiGroups: [Api.group],
        apiVersions: [Api.version],
        operations: ['CREATE', 'UPDATE', 'DELETE'],
        resources: ['credentials'],
        scope: 'Namespaced',
      },
    ],
    matchConditions: [{ name: 'not-by-the-cluster', expression: `request.operation != 'DELETE' || !(${isSystem})` }],
    validations: [
      {
        expression:
          `((request.operation == 'DELETE' || (${isOwn('object')})) && (request.operation == 'CREATE' || (${isOwn('oldObject')})))` +
          ` || ${may('share')}`,
        message: 'spec.user: must be who writes the credential',
        messageExpression:
          `'spec.user: must be "' + request.userInfo.username + '", who writes the credential; those of others and shared ones take ` +
          `the verb share on credentials.${Api.group} in namespace "' + request.namespace + '"'`,
        reason: 'Forbidden',
      },
      {
        expression:
          `request.operation == 'DELETE' || (${label(Labels.credentialType)} == object.spec.type.lowerAscii()` +
          ` && ${label(Labels.credentialOwner)} == (has(object.spec.user) ? (object.metadata.name.matches('${userSecretPattern}') ? ` +
          `object.metadata.name.substring(5, 21) : '?') : 'shared'))`,
        message:
          `metadata: a credential is found by its labels: ${Labels.credentialType} must be registry, data or generic, as spec.type says; ` +
          `${Labels.credentialOwner} must be shared, or of a user's own the 16 digits in its name, which begins with user-<digits>-`,
        reason: 'Invalid',
      },
    ],
  });
}

/**
 * No pod may name a Secret of a person's own credential, or one that was made for a task's pod, unless it is made by who holds the verb
 * `mount` on credentials: the operator of the backend, which looks at whose task it is. It is asked within the apiserver, so that no webhook is on the way of pods.
 */
export function credentialPodsPolicy(): Policy {
  const pattern = `(${userSecretPattern}|${podSecretPattern})`;
  const named = (holder: string, field: string): string =>
    `(has(${holder}) && has(${holder}.${field}) && ${holder}.${field}.matches('${pattern}'))`;
  const some = (list: string, item: string, rule: string): string =>
    `(has(${list}) && ${list}.exists(${item}, ${rule}))`;
  const variable = `has(e.valueFrom) && ${named('e.valueFrom.secretKeyRef', 'name')}`;
  const container = `${some('c.env', 'e', variable)} || ${some('c.envFrom', 'e', named('e.secretRef', 'name'))}`;
  const inContainers = (list: string): string => some(list, 'c', container);
  const volume = [
    named('v.secret', 'secretName'),
    `(has(v.projected) && ${some('v.projected.sources', 's', named('s.secret', 'name'))})`,
    named('v.azureFile', 'secretName'),
    ...['cephfs', 'flexVolume', 'iscsi', 'rbd', 'scaleIO', 'storageos'].map(
      (type) => `(has(v.${type}) && ${named(`v.${type}.secretRef`, 'name')})`,
    ),
    `(has(v.csi) && ${named('v.csi.nodePublishSecretRef', 'name')})`,
  ].join(' || ');
  const inPod = [
    inContainers('object.spec.containers'),
    inContainers('object.spec.initContainers'),
    some('object.spec.volumes', 'v', volume),
    some('object.spec.imagePullSecrets', 'p', `has(p.name) && p.name.matches('${pattern}')`),
  ].join(' || ');
  return admissionPolicy('credential-pods', {
    resourceRules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['UPDATE'],
        resources: ['pods/ephemeralcontainers'],
        scope: 'Namespaced',
      },
    ],
    variables: [
      // Of a pod that is there already only what is added to it is new.
      { name: 'made', expression: `request.operation == 'CREATE' && (${inPod})` },
      { name: 'added', expression: inContainers('object.spec.ephemeralContainers') },
    ],
    validations: [
      {
        expression: `!(variables.made || variables.added) || ${may('mount')}`,
        message: `spec: names a Secret of a user's own credential (user-…), which only tasks of that user get, or one of a task's pod, by the verb mount on credentials.${Api.group}`,
        reason: 'Forbidden',
      },
    ],
  });
}

/**
 * Secrets under the names of persons' own credentials are made by who holds the verb `keep` on credentials, the gateway: nobody else can
 * put keys of theirs in the place of somebody's. And who holds it without being able to read the Secret writes and deletes none
 * but those of credentials: that right over Secrets is for nothing else.
 */
export function credentialSecretsPolicy(): Policy {
  const isCredential = (object: string): string =>
    `has(${object}.metadata.labels) && '${Labels.credentialType}' in ${object}.metadata.labels && has(${object}.metadata.ownerReferences)` +
    ` && ${object}.metadata.ownerReferences.exists(o, o.kind == 'Credential' && o.apiVersion.startsWith('${Api.group}/'))`;
  return admissionPolicy('credential-secrets', {
    resourceRules: [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE', 'DELETE'],
        resources: ['secrets'],
        scope: 'Namespaced',
      },
    ],
    matchConditions: [{ name: 'not-by-the-cluster', expression: `!(${isSystem})` }],
    variables: [
      { name: 'keeps', expression: may('keep') },
      {
        name: 'reads',
        expression:
          "authorizer.group('').resource('secrets').namespace(request.namespace).name(request.name).check('get').allowed()",
      },
    ],
    validations: [
      {
        expression: `request.operation == 'DELETE' || !object.metadata.name.matches('${userSecretPattern}') || variables.keeps`,
        message: `metadata.name: names that begin with user-<16 digits>- are for users' own credentials, which are set through the gateway; who writes them needs the verb keep on credentials.${Api.group}`,
        reason: 'Forbidden',
      },
      {
        expression:
          '!variables.keeps || variables.reads' +
          ` || ((request.operation == 'DELETE' || (${isCredential('object')})) && (request.operation == 'CREATE' || (${isCredential('oldObject')})))`,
        message: `only Secrets that belong to a Credential are written by who keeps credentials`,
        reason: 'Forbidden',
      },
    ],
  });
}
