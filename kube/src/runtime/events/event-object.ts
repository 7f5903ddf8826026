import { Event } from '../../client/kinds/cluster.ts';
import type { ObjectReference } from '../../client/kinds/meta.ts';
import { apiVersionOf } from '../../client/resource.ts';
import { microTime } from '../leader/lease-record.ts';
import type { EventInput } from './types.ts';

export interface Reporter {
  /** Who reports, e.g. 'osmo.dev/controllers'. */
  controller: string;
  /** Which instance of it, e.g. the pod's name; cut to 128 characters. */
  instance: string;
}

/** What the apiserver accepts at most: bytes of a note; characters of reason, action and instance. */
const noteBytes = 1024;
const wordLength = 128;
const nameLength = 253;

/** A new Event. `unique` makes its name differ from that of others about the same object. Pure. */
export function eventObject(input: EventInput, reporter: Reporter, now: Date, unique: string): Event {
  const { regarding, related } = input;
  const name = `${(regarding.name ?? '').slice(0, nameLength - unique.length - 1)}.${unique}`;
  return {
    apiVersion: apiVersionOf(Event),
    kind: Event.kind,
    // Events about cluster-scoped objects live in 'default', where kubectl looks for them.
    metadata: { name, namespace: namespaceOf(regarding) },
    eventTime: microTime(now),
    type: input.type,
    reason: input.reason.slice(0, wordLength),
    action: input.action.slice(0, wordLength),
    note: cutBytes(input.note, noteBytes),
    regarding,
    ...(related !== undefined && { related }),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, wordLength),
  };
}

export function namespaceOf(regarding: ObjectReference): string {
  return regarding.namespace || 'default';
}

/** Events with the same text are repetitions of each other. */
export function seriesKey({ type, reason, action, note, regarding, related }: EventInput): string {
  return JSON.stringify([objectKey(regarding), related && objectKey(related), type, reason, action, note]);
}

/** The object by what doesn't change while it exists. */
export function objectKey({ apiVersion, kind, namespace, name, uid, fieldPath }: ObjectReference): string {
  return JSON.stringify([apiVersion, kind, namespace, name, uid, fieldPath]);
}

/** Text of at most `limit` bytes in UTF-8, ending in '…' if it was cut; no character is cut in half. */
export function cutBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const cut = Buffer.from(text).subarray(0, limit - Buffer.byteLength('…'));
  // A character cut in half at the end decodes to U+FFFD.
  return `${new TextDecoder().decode(cut).replace(/\uFFFD+$/, '')}…`;
}
