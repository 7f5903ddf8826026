import { Api } from '../constants.ts';
import type { KindDefinition } from '../definition.ts';

/** Names of the policy and of its binding. */
const name = `immutable-specs.${Api.group}`;

/**
 * The ValidatingAdmissionPolicy that keeps specs as they were created, and its binding. It is a policy and not a rule of
 * the CRD since a CRD's rules run at every write of the status too, where comparing the tasks of a large Workflow with
 * themselves costs the apiserver a second. The policy is asked only when the generation changed.
 */
export function immutabilityPolicy(kinds: readonly KindDefinition[]): { policy: object; binding: object } {
  const immutable = kinds.filter(({ mutable }) => mutable !== undefined);
  const free = immutable.map(
    ({ type, mutable }) => `'${type.kind}': [${(mutable ?? []).map((field) => `'${field}'`).join(', ')}]`,
  );
  return {
    policy: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [Api.group],
              apiVersions: [Api.version],
              operations: ['UPDATE'],
              resources: immutable.map(({ type }) => type.plural),
            },
          ],
        },
        matchConditions: [
          { name: 'spec-changed', expression: 'object.metadata.generation != oldObject.metadata.generation' },
        ],
        variables: [
          { name: 'free', expression: `{${free.join(', ')}}[object.kind]` },
          {
            name: 'changed',
            expression:
              'object.spec.filter(f, !(f in variables.free) && (!(f in oldObject.spec) || object.spec[f] != oldObject.spec[f]))' +
              ' + oldObject.spec.filter(f, !(f in variables.free) && !(f in object.spec))',
          },
        ],
        validations: [
          {
            expression: 'size(variables.changed) == 0',
            message: "spec can't be changed after creation",
            messageExpression:
              "'spec.' + variables.changed.join(', spec.') + \" can't be changed after creation; \"" +
              " + (size(variables.free) == 0 ? 'nothing in spec can' : 'only spec.' + variables.free.join(', spec.') + ' can')",
            reason: 'Invalid',
          },
        ],
      },
    },
    binding: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  };
}
