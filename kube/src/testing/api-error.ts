import type { Status, StatusCause, StatusDetails } from '../client/errors.ts';
import type { FakeKind, FieldProblem } from './kinds.ts';

/** A refusal of the fake, with the body that a real apiserver sends for it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status;
  readonly headers: Record<string, string>;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.headers = headers;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details && { details }),
      code,
    };
  }
}

const resourceName = ({ type }: FakeKind): string => (type.group ? `${type.plural}.${type.group}` : type.plural);
const detailsOf = ({ type }: FakeKind, name: string, causes?: StatusCause[]): StatusDetails => ({
  name,
  ...(type.group && { group: type.group }),
  kind: type.plural,
  ...(causes && { causes }),
});

export const notFound = (kind: FakeKind, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${resourceName(kind)} "${name}" not found`, detailsOf(kind, name));

export const alreadyExists = (kind: FakeKind, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${resourceName(kind)} "${name}" already exists`, detailsOf(kind, name));

export const conflict = (kind: FakeKind, name: string, why: string, causes?: StatusCause[]): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${why}`,
    detailsOf(kind, name, causes),
  );

export const modified = (kind: FakeKind, name: string): ApiError =>
  conflict(kind, name, 'the object has been modified; please apply your changes to the latest version and try again');

/** Server-side apply against fields of other managers. */
export const applyConflict = (causes: StatusCause[]): ApiError => {
  const what = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  const message = `Apply failed with ${what}: ${causes.map((c) => `${c.message}: ${c.field}`).join(', ')}`;
  return new ApiError(409, 'Conflict', message, { causes });
};

export const invalid = (kind: FakeKind, name: string, problems: readonly FieldProblem[]): ApiError => {
  const causes = problems.map(({ field, reason, message }) => ({ reason, message, field }));
  const what = problems.map(({ field, message }) => `${field}: ${message}`);
  const { group, kind: kindName } = kind.type;
  return new ApiError(
    422,
    'Invalid',
    `${kindName}${group ? `.${group}` : ''} "${name}" is invalid: ${what.length === 1 ? what[0] : `[${what.join(', ')}]`}`,
    { ...detailsOf(kind, name, causes), kind: kindName },
  );
};

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);
export const forbidden = (kind: FakeKind, name: string, why: string, causes?: StatusCause[]): ApiError =>
  new ApiError(403, 'Forbidden', `${resourceName(kind)} "${name}" is forbidden: ${why}`, detailsOf(kind, name, causes));
export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message);
export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
export const unsupportedMediaType = (type: string): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types do not include ${type}`,
  );
