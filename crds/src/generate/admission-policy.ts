import { Api } from '../constants.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';

/** A ValidatingAdmissionPolicy with its binding. */
export interface Policy {
  policy: object;
  binding: object;
}

/** What a policy is asked about, and what it demands, in the fields of a ValidatingAdmissionPolicy. */
export interface PolicyRules {
  resourceRules: object[];
  matchConditions?: object[];
  variables?: object[];
  validations: object[];
}

/** A policy `<word>.osmo.dev` that refuses, also when it can't be evaluated, and its binding. */
export function admissionPolicy(word: string, { resourceRules, ...rules }: PolicyRules): Policy {
  const name = `${word}.${Api.group}`;
  const head = { apiVersion, metadata: { name } };
  return {
    policy: {
      ...head,
      kind: 'ValidatingAdmissionPolicy',
      spec: { failurePolicy: 'Fail', matchConstraints: { resourceRules }, ...rules },
    },
    binding: {
      ...head,
      kind: 'ValidatingAdmissionPolicyBinding',
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  };
}
