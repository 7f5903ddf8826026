import { readFileSync } from 'node:fs';
import { poll } from '../../hack/cluster/system/poll.ts';

/** A line of the apiserver's audit log, as far as it is used. */
export interface AuditEvent {
  stage: string;
  verb: string;
  user: { username: string };
  /** In whose name it was made, and what was told of it. */
  impersonatedUser?: { username: string; extra?: Readonly<Record<string, readonly string[]>> };
  objectRef?: { resource: string; subresource?: string; namespace?: string; name?: string; apiGroup?: string };
  responseStatus?: { code?: number };
}

const writes: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Reads an audit log; a last line that is still being written is left out. */
export function readAudit(file: string): AuditEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as AuditEvent);
}

/**
 * The writes of our processes to a namespace, that is of the service accounts of `system`, refused ones included. What they
 * write there is about workflows only: leader election and heartbeats are in `system` itself.
 */
export function writesTo(events: readonly AuditEvent[], namespace: string, system: string): AuditEvent[] {
  return events.filter(
    (event) =>
      event.stage === 'ResponseComplete' &&
      writes.has(event.verb) &&
      event.user.username.startsWith(`system:serviceaccount:${system}:`) &&
      event.objectRef?.namespace === namespace,
  );
}

/** Those writes once there was no new one for `quietMs`: Events and the like may come after the end. */
export async function settledWrites(
  file: string,
  namespace: string,
  system: string,
  quietMs = 3_000,
): Promise<AuditEvent[]> {
  let last = { count: -1, since: Date.now() };
  return poll(
    `the writes to ${namespace} to end`,
    async () => {
      const found = writesTo(readAudit(file), namespace, system);
      if (found.length !== last.count) last = { count: found.length, since: Date.now() };
      return found.length > 0 && Date.now() - last.since > quietMs ? found : undefined;
    },
    { timeoutMs: 300_000 },
  );
}

/** `patch tasks/status one.t 200` and so on, for messages. */
export function nameOfWrite({ verb, objectRef, responseStatus }: AuditEvent): string {
  const what = [objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/');
  return `${verb} ${what} ${objectRef?.name ?? ''} ${responseStatus?.code ?? ''}`.trim();
}
