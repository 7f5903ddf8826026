import { Annotations } from '@osmo/crds';
import { patched } from './review/answers.ts';
import { isWorkflow } from './review/judge.ts';
import type { AdmissionRequest, AdmissionResponse, JsonPatchOperation } from './review/types.ts';

/**
 * Writes on a new Workflow who submits it, as the apiserver knows them. A name that is there already stays: a policy of the
 * apiserver refuses one that isn't true, also when no webhook answers.
 */
export function submitterOf(request: AdmissionRequest): AdmissionResponse {
  const { operation, object, userInfo } = request;
  if (operation !== 'CREATE' || !isWorkflow(request) || object === null || object === undefined) {
    return patched(request, []);
  }
  return patched(request, namedAs(userInfo.username ?? '', object.metadata.annotations));
}

function namedAs(user: string, annotations: Readonly<Record<string, string>> | undefined): JsonPatchOperation[] {
  if (user === '' || annotations?.[Annotations.submittedBy]) return [];
  if (annotations === undefined || annotations === null) {
    return [{ op: 'add', path: '/metadata/annotations', value: { [Annotations.submittedBy]: user } }];
  }
  return [{ op: 'add', path: `/metadata/annotations/${Annotations.submittedBy.replace('/', '~1')}`, value: user }];
}
