import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '../client/kinds/pod.ts';
import type { KubeObject } from '../client/types.ts';
import { invalid } from './api-error.ts';
import type { FakeKind } from './kinds.ts';

const nameSyntax = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const nameLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** @throws ApiError 422 naming each field that is wrong. */
export function validateObject(kind: FakeKind, object: KubeObject, old: KubeObject | undefined): void {
  const { name, deletionTimestamp, finalizers = [] } = object.metadata;
  if (name === '') {
    const message = 'Required value: name or generateName is required';
    throw invalid(kind, name, [{ field: 'metadata.name', reason: 'FieldValueRequired', message }]);
  }
  if (name.length > 253 || !nameSyntax.test(name)) {
    const message = `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`;
    throw invalid(kind, name, [{ field: 'metadata.name', reason: 'FieldValueInvalid', message }]);
  }
  const added = finalizers.filter((finalizer) => !old?.metadata.finalizers?.includes(finalizer));
  if (deletionTimestamp && added.length > 0) {
    const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
    throw invalid(kind, name, [{ field: 'metadata.finalizers', reason: 'FieldValueForbidden', message }]);
  }
  const problems = kind.validate?.(object, old) ?? [];
  if (problems.length > 0) throw invalid(kind, name, problems);
}

/** What of `next` a client may change through this (sub)resource; the rest stays as it is. */
export function isolate(
  kind: FakeKind,
  current: KubeObject,
  next: KubeObject,
  subresource: string | undefined,
): KubeObject {
  const { managedFields } = next.metadata;
  if (subresource === 'status') {
    const { status } = next as { status?: unknown };
    const { status: _, ...rest } = current as KubeObject & { status?: unknown };
    const metadata = { ...rest.metadata, ...(managedFields && { managedFields }) };
    return { ...rest, metadata, ...(status !== undefined && { status }) };
  }
  const { labels, annotations, finalizers, ownerReferences } = next.metadata;
  const { labels: _, annotations: __, finalizers: ___, ownerReferences: ____, ...kept } = current.metadata;
  const object: KubeObject = {
    ...next,
    metadata: {
      ...kept,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers?.length && { finalizers }),
      ...(ownerReferences?.length && { ownerReferences }),
      ...(managedFields && { managedFields }),
    },
  };
  if (kind.status) {
    const { status } = current as { status?: unknown };
    if (status === undefined) delete (object as { status?: unknown }).status;
    else (object as { status?: unknown }).status = status;
  }
  return object;
}

/** Seconds that a deletion of the object leaves it. */
export function graceOf(kind: FakeKind, object: KubeObject, asked: number | undefined): number {
  if (!kind.graceful) return 0;
  const { spec, status } = object as Pod;
  const over = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  if (!spec?.nodeName || over) return 0;
  return asked ?? spec.terminationGracePeriodSeconds ?? 30;
}

export function generatedName(prefix: string | undefined): string {
  if (!prefix) return '';
  const letters = Array.from({ length: 5 }, () => nameLetters[randomInt(nameLetters.length)]);
  return prefix.slice(0, 58) + letters.join('');
}

export function specChanged(current: KubeObject, next: KubeObject): boolean {
  const specOf = (object: KubeObject): object => {
    const { metadata: _, status: __, ...rest } = object as KubeObject & { status?: unknown };
    return rest;
  };
  return !isDeepStrictEqual(specOf(current), specOf(next));
}

export function withoutFields(object: KubeObject): object {
  const { managedFields: _, resourceVersion: __, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Whether the same managers own the same fields; when they did so first is of no account. */
export function sameOwners(a: KubeObject, b: KubeObject): boolean {
  const timeless = (object: KubeObject): object =>
    (object.metadata.managedFields ?? []).map(({ time: _, ...entry }) => entry);
  return isDeepStrictEqual(timeless(a), timeless(b));
}

/** A deleting object that nothing holds any more. */
export function isDone({ metadata }: KubeObject): boolean {
  return Boolean(metadata.deletionTimestamp) && !metadata.finalizers?.length && !metadata.deletionGracePeriodSeconds;
}
