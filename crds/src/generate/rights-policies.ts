import { Annotations, Api } from '../constants.ts';
import { admissionPolicy, type Policy } from './admission-policy.ts';

/**
 * Who may use a pool: whoever creates a Workflow in it, moves one there, or has one run again or more of it at once, needs the
 * verb `use` on `pools.osmo.dev` of that name. The apiserver asks its own authorizer, so that one rule holds for kubectl, Argo CD
 * and the gateway. What holds a workflow back or ends it, its status, and writes that leave the spec alone, ask nothing:
 * somebody who lost a pool can still stop what they have there.
 */
export function poolUsePolicy(): Policy {
  const differs = (field: string): string =>
    `has(object.spec.${field}) && (!has(oldObject.spec.${field}) || object.spec.${field} != oldObject.spec.${field})`;
  const resumed =
    'has(oldObject.spec.suspend) && oldObject.spec.suspend && !(has(object.spec.suspend) && object.spec.suspend)';
  const revived = 'has(oldObject.spec.cancel) && !has(object.spec.cancel)';
  const wider =
    'has(oldObject.spec.maxParallel) && (!has(object.spec.maxParallel) || object.spec.maxParallel > oldObject.spec.maxParallel)';
  const asks = ['object.spec.pool != oldObject.spec.pool', differs('restart'), resumed, revived, wider];
  return admissionPolicy('pool-use', {
    resourceRules: ofWorkflows('CREATE', 'UPDATE'),
    matchConditions: [
      {
        name: 'new-or-more',
        expression:
          "request.operation == 'CREATE' || (object.metadata.generation != oldObject.metadata.generation && (" +
          `${asks.map((each) => `(${each})`).join(' || ')}))`,
      },
    ],
    validations: [
      {
        expression: `authorizer.group('${Api.group}').resource('pools').name(object.spec.pool).check('use').allowed()`,
        message: 'spec.pool: the user may not use this pool',
        messageExpression:
          `'spec.pool: "' + object.spec.pool + '": user "' + request.userInfo.username + '" may not use this pool; name ` +
          `another, or ask an administrator for a role with the verb use on pools.${Api.group} "' + object.spec.pool + '"'`,
        reason: 'Forbidden',
      },
    ],
  });
}

/**
 * Who submitted: the annotation is the name of whoever creates the Workflow, and stays. Only somebody who may impersonate that user
 * may write another name at creation: the gateway, what restores a backup. Where it is absent nobody is the submitter.
 */
export function submitterPolicy(): Policy {
  const at = (object: string): string => {
    const annotations = `${object}.metadata.annotations`;
    return `has(${annotations}) && '${Annotations.submittedBy}' in ${annotations} ? ${annotations}['${Annotations.submittedBy}'] : ''`;
  };
  const field = `metadata.annotations[${Annotations.submittedBy}]`;
  return admissionPolicy('submitted-by', {
    resourceRules: ofWorkflows('CREATE', 'UPDATE'),
    variables: [
      { name: 'now', expression: at('object') },
      { name: 'before', expression: `oldObject == null ? '' : (${at('oldObject')})` },
    ],
    validations: [
      {
        expression:
          "request.operation != 'CREATE' || variables.now == '' || variables.now == request.userInfo.username" +
          " || authorizer.group('').resource('users').name(variables.now).check('impersonate').allowed()",
        message: `${field}: must be who creates the workflow`,
        messageExpression:
          `'${field}: "' + variables.now + '": must be who creates the workflow, "' + request.userInfo.username + '"; ` +
          "leave it out'",
        reason: 'Forbidden',
      },
      {
        expression: "request.operation != 'UPDATE' || variables.now == variables.before",
        message: `${field}: can't be changed; leave it as it is`,
        messageExpression: `'${field}: can\\'t be changed after creation; it is "' + variables.before + '"'`,
        reason: 'Invalid',
      },
    ],
  });
}

const ofWorkflows = (...operations: string[]): object[] => [
  { apiGroups: [Api.group], apiVersions: [Api.version], operations, resources: ['workflows'], scope: 'Namespaced' },
];
