import { KubeError } from '@osmo/kube';
import { type ErrorCode, RequestError, toRequestError } from '../http/errors.ts';

/**
 * What a submission is told that the apiserver refused, in upstream's codes: RESOURCE when it is all about what tasks ask for, CREDENTIAL
 * when it is all about credentials, else USAGE. Anything else than a refusal of the spec is returned as it is.
 */
export function asSubmissionError(error: unknown): unknown {
  if (!(error instanceof KubeError) || (error.status !== 400 && error.status !== 422)) return error;
  return new RequestError(400, codeOf(error), toRequestError(error).message);
}

function codeOf({ details }: KubeError): ErrorCode {
  const fields = (details?.causes ?? []).map(({ field = '' }) => field);
  const are = (about: RegExp): boolean => fields.length > 0 && fields.every((field) => about.test(field));
  if (are(/^spec\.(.*\.)?(resources?|platform)\b/)) return 'RESOURCE';
  if (are(/^spec\.(.*\.)?credentials\b/)) return 'CREDENTIAL';
  return 'USAGE';
}
