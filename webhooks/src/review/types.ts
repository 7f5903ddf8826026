import type { JsonPatchOperation } from '@osmo/workflow-spec/admission';
import type { KubeObject, Status } from '@osmo/kube';

/** What the apiserver wants to know (admission.k8s.io/v1), as far as it is used. */
export interface AdmissionRequest {
  uid: string;
  kind: { group: string; version: string; kind: string };
  subResource?: string;
  name?: string;
  namespace?: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  userInfo: { username?: string; groups?: string[]; uid?: string; extra?: Record<string, string[]> };
  /** What is to be stored; null at a deletion. */
  object?: KubeObject | null;
  /** What is stored; null at a creation. */
  oldObject?: KubeObject | null;
  dryRun?: boolean;
}

/** The answer to one request. */
export interface AdmissionResponse {
  uid: string;
  allowed: boolean;
  /** Why not. */
  status?: Pick<Status, 'message' | 'reason' | 'code' | 'details'>;
  /** A JSON patch in base64. */
  patch?: string;
  patchType?: 'JSONPatch';
  /** Shown to whoever asked, by kubectl as `Warning: …`. */
  warnings?: string[];
}

/** The body of a call and of its answer. */
export interface AdmissionReview {
  apiVersion: string;
  kind: string;
  request?: AdmissionRequest;
  response?: AdmissionResponse;
}

export const reviewHead = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' } as const;

export type { JsonPatchOperation };
