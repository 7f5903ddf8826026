import { RequestError } from '../http/errors.ts';

/** Header by which upstream's client says its version; its `version` command leaves it out. */
export const clientVersionHeader = 'x-osmo-client-version';

/** What is said to clients about their versions; what is not set is not checked. */
export interface ClientVersions {
  /** Newest there is. */
  latest?: string;
  /** Oldest that is answered. */
  minimum?: string;
  /** Where people get one. */
  installUrl?: string;
}

/** What an answer says to a client that may go on. */
export interface VersionNotice {
  /** To be shown to the user. */
  warning?: string;
  headers: Readonly<Record<string, string>>;
}

const nothing: VersionNotice = { headers: {} };

/**
 * What a client of this version is told. One that says none, or something that is no version, is not checked.
 *
 * @throws RequestError 400 `OSMO_ERROR` for one that is too old, as upstream has it
 */
export function versionNotice(
  header: string | string[] | undefined,
  { latest, minimum, installUrl }: ClientVersions,
): VersionNotice {
  const own = typeof header === 'string' ? header.trim() : '';
  if (parts(own) === undefined) return nothing;
  const where = installUrl === undefined ? '' : `; get it from ${installUrl}`;
  if (minimum !== undefined && isOlder(own, minimum)) {
    const wanted = latest ?? minimum;
    const message = `client version ${own} is too old for this gateway, which takes ${minimum} and newer: update to ${wanted}${where}`;
    throw new RequestError(400, 'OSMO_ERROR', message);
  }
  if (latest === undefined || !isOlder(own, latest)) return nothing;
  return {
    warning: `client version ${own} is not the newest: ${latest} is there${where}`,
    headers: { 'x-osmo-service-version': latest },
  };
}

/** Whether a text is a version: up to three numbers with dots between, and whatever a `-` or `+` begins. */
export function isVersion(text: string): boolean {
  return parts(text) !== undefined;
}

function isOlder(a: string, b: string): boolean {
  const [left = [], right = []] = [parts(a), parts(b)];
  for (let at = 0; at < 3; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function parts(text: string): number[] | undefined {
  const found = /^(\d{1,6}(?:\.\d{1,6}){0,2})(?:[-+].{0,64})?$/.exec(text);
  return found?.[1]?.split('.').map(Number);
}
