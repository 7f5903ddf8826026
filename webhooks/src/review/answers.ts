import type { FieldProblem, JsonPatchOperation } from '@osmo/workflow-spec/admission';
import type { AdmissionRequest, AdmissionResponse } from './types.ts';

const valueLength = 80;
/** Of the one message that clients other than kubectl show. */
const messageLength = 8192;
const causeLength = 1024;
const mostCauses = 100;
/** The apiserver cuts single warnings above 256 characters, and drops what is above 4096 together. */
const warningLength = 256;
const mostWarnings = 16;

/** Nothing to say against it. */
export function allowed({ uid }: AdmissionRequest, warnings: readonly string[] = []): AdmissionResponse {
  const shown = warnings.slice(0, mostWarnings).map((text) => cut(text, warningLength));
  return { uid, allowed: true, ...(shown.length > 0 && { warnings: shown }) };
}

/** Nothing against it once it is completed. */
export function patched(
  request: AdmissionRequest,
  operations: readonly JsonPatchOperation[],
  warnings: readonly string[] = [],
): AdmissionResponse {
  if (operations.length === 0) return allowed(request, warnings);
  const patch = Buffer.from(JSON.stringify(operations), 'utf8').toString('base64');
  return { ...allowed(request, warnings), patch, patchType: 'JSONPatch' };
}

/**
 * A refusal with every problem: in the message, which all clients show, and as causes by field, of which kubectl makes a
 * list. Both have bounds, and say how many problems are left out.
 */
export function refused(request: AdmissionRequest, problems: readonly FieldProblem[]): AdmissionResponse {
  const { group, kind } = request.kind;
  const name = request.name ?? request.object?.metadata.name ?? '';
  const causes = problems.slice(0, mostCauses).map((problem) => ({
    reason: 'FieldValueInvalid',
    field: problem.path,
    message: cut(`Invalid value: ${sentenceOf(problem)}`, causeLength),
  }));
  const left = problems.length - causes.length;
  if (left > 0) causes.push({ reason: 'FieldValueInvalid', field: 'spec', message: `and ${left} more problems` });
  return {
    uid: request.uid,
    allowed: false,
    status: {
      code: 422,
      reason: 'Invalid',
      message: messageOf(problems),
      details: { ...(name !== '' && { name }), group, kind, causes },
    },
  };
}

/** Not now: the caller should ask again. */
export function busy({ uid }: AdmissionRequest, message: string): AdmissionResponse {
  return { uid, allowed: false, status: { code: 429, reason: 'TooManyRequests', message } };
}

/** `path: value: what is allowed`, one after the other as far as there is room. */
export function messageOf(problems: readonly FieldProblem[]): string {
  const lines = problems.map((problem) => `${problem.path}: ${cut(sentenceOf(problem), causeLength)}`);
  let text = '';
  for (const [index, line] of lines.entries()) {
    const next = text === '' ? line : `${text}; ${line}`;
    if (next.length > messageLength) return `${text} (and ${lines.length - index} more)`;
    text = next;
  }
  return text;
}

function sentenceOf({ value, message }: FieldProblem): string {
  if (value === undefined) return message;
  return `${cut(JSON.stringify(value) ?? 'null', valueLength)}: ${message}`;
}

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
