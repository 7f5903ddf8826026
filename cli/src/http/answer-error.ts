import { ExitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** What an answer that is no 2xx is to the user of a command. */
export interface BadAnswer {
  status: number;
  body: string;
  /** `GET https://…/api/workflow`, for messages about the server. */
  request: string;
  /** Whether it answers a submission or restart. */
  submission?: boolean | undefined;
  /** Where a redirect leads. */
  location?: string | undefined;
}

/** Messages that an answer may be as long as; what is more is cut. */
const longestBody = 4096;

/**
 * The failure that an answer is. Exit codes are upstream's: 1 for what was wrong with a submission (error code USAGE or RESOURCE
 * anywhere, CREDENTIAL when submitting), 2 for other refusals, 75 for 429, 10 for the server's own failures.
 */
export function failureOf({ status, body, request, submission = false, location }: BadAnswer): Failure {
  if (status < 400) {
    // Followed, a login would go to wherever somebody points.
    const where = location === undefined ? '' : ` to ${location}`;
    return new Failure(
      ExitCodes.server,
      `${request}: was redirected${where}; use the address of the gateway itself`,
      status,
    );
  }
  const refusal = refusalOf(body);
  if (status === 429)
    return new Failure(ExitCodes.busy, `${refusal?.message ?? 'too many requests'}; try again later`, status);
  if (status >= 500) {
    const text = body.trim().slice(0, longestBody);
    return new Failure(ExitCodes.server, `${request}: the server answered ${status}${text && `: ${text}`}`, status);
  }
  if (status === 401) return new Failure(ExitCodes.usage, `${refusal?.message ?? body}\n${loginHint}`, status);
  if (refusal === undefined) {
    const text = body.trim().slice(0, longestBody);
    return new Failure(ExitCodes.usage, text === '' ? `${request}: the server answered ${status}` : text, status);
  }
  const { message, code, workflowId } = refusal;
  const isSubmission = code === 'USAGE' || code === 'RESOURCE' || (submission && code === 'CREDENTIAL');
  if (!isSubmission) return new Failure(ExitCodes.usage, message, status);
  if (!submission) return new Failure(ExitCodes.submission, message, status);
  const id = workflowId === undefined ? '' : ` ${workflowId}`;
  return new Failure(ExitCodes.submission, `Workflow${id} submit failed:\n${message}`, status);
}

const loginHint = "Sign in with 'osmo login', or name another context with --context.";

interface Refusal {
  message: string;
  code: string;
  workflowId: string | undefined;
}

/** The parts of `{"message", "error_code", "workflow_id"}`; undefined for anything else. */
function refusalOf(body: string): Refusal | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { message, error_code: code, workflow_id: id } = parsed as Record<string, unknown>;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return { message, code, workflowId: typeof id === 'string' ? id : undefined };
}
