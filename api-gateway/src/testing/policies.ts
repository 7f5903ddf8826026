import { readFile } from 'node:fs/promises';
import { type KubeClient, type KubeObject, resourceType } from '@osmo/kube';
import { parse } from 'yaml';

const group = 'admissionregistration.k8s.io';
const Policies = resourceType<KubeObject>({
  group,
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  namespaced: false,
});
const Bindings = resourceType<KubeObject & { spec: object }>({
  group,
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  namespaced: false,
});

/**
 * Makes a policy of crds/yaml hold in one namespace: the cluster is other tests' too. The result takes it away.
 *
 * @param word name of its file
 */
export async function enforcePolicy(admin: KubeClient, word: string, namespace: string): Promise<() => Promise<void>> {
  const file = new URL(`../../../crds/yaml/${word}.yaml`, import.meta.url);
  const policy = parse(await readFile(file, 'utf8')) as KubeObject;
  const name = `${word}-${namespace}`;
  await admin.create(Policies, { ...policy, metadata: { name } });
  await admin.create(Bindings, {
    apiVersion: `${group}/v1`,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  });
  return async () => {
    await admin.delete(Bindings, { name });
    await admin.delete(Policies, { name });
  };
}
