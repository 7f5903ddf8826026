import type { WorkflowSpecInput } from '@osmo/crds';
import { byteQuantity, durationSeconds } from './amounts.ts';
import { keysOf } from './keys/key.ts';
import { resourceSection, timeoutSection, topologySection } from './keys/workflow-part-sections.ts';
import type { ReadContext } from './read-context.ts';
import type { Field } from './node-reader.ts';

type Resource = NonNullable<WorkflowSpecInput['resources']>[number];
type TimeoutsInput = NonNullable<WorkflowSpecInput['timeouts']>;

const resourceKeys = keysOf(resourceSection);

/** `workflow.resources`: a mapping of names to needs. */
export function readResources(context: ReadContext, field: Field): Resource[] {
  return [...context.reader.entries(field)].map(([name, entry], index) => {
    const path = `spec.resources[${index}]`;
    context.origins.set(path, entry);
    return { name, ...readResource(context, entry, path) };
  });
}

function readResource({ reader, origins }: ReadContext, entry: Field, path: string): Omit<Resource, 'name'> {
  const fields = reader.fields(entry, resourceKeys);
  for (const [key, field] of fields) origins.set(`${path}.${key}`, field);
  const present = (key: (typeof resourceKeys)[number]): Field | undefined => {
    const field = fields.get(key);
    return field && !reader.isNull(field) ? field : undefined;
  };
  const cpu = reader.count(present('cpu'));
  const gpu = reader.count(present('gpu'));
  const bytes = (field: Field | undefined): string | undefined => {
    const text = reader.text(field);
    if (field === undefined || text === undefined) return undefined;
    return (
      byteQuantity(text) ??
      reader.refuse(
        field,
        "must be an amount of bytes such as '8Gi' or '512M', with the units K, M, G, T (also Ki, KiB …)",
      )
    );
  };
  const memory = bytes(present('memory'));
  const storage = bytes(present('storage'));
  const platform = reader.text(present('platform'));
  const excluded = texts(reader.items(present('nodesExcluded')).map((item) => reader.text(item)));
  const topology = reader
    .items(present('topology'))
    .map((item, index) => readTopology({ reader, origins }, item, `${path}.topology[${index}]`));
  return {
    ...(cpu !== undefined && { cpu }),
    ...(gpu !== undefined && { gpu }),
    ...(memory !== undefined && { memory }),
    ...(storage !== undefined && { storage }),
    ...(platform !== undefined && platform !== '' && { platform }),
    ...(excluded.length > 0 && { nodesExcluded: excluded }),
    ...(topology.length > 0 && { topology }),
  };
}

/** Texts in their places; what is none was reported. */
export const texts = (items: readonly (string | undefined)[]): string[] => items.map((item) => item ?? '');

function readTopology(
  { reader, origins }: Pick<ReadContext, 'reader' | 'origins'>,
  item: Field,
  path: string,
): NonNullable<Resource['topology']>[number] {
  const fields = reader.fields(item, keysOf(topologySection));
  for (const [key, field] of fields) origins.set(`${path}.${key === 'requirementType' ? 'requirement' : key}`, field);
  const key = reader.text(reader.required(item, fields, 'key'));
  const group = reader.text(fields.get('group'));
  const type = fields.get('requirementType');
  const word = reader.text(type);
  const requirement =
    word === undefined ? undefined : ({ required: 'Required', preferred: 'Preferred' } as const)[word];
  if (type && word !== undefined && requirement === undefined) reader.refuse(type, "must be 'required' or 'preferred'");
  return {
    key: key ?? 'unread',
    ...(group !== undefined && { group }),
    ...(requirement !== undefined && { requirement }),
  };
}

/** `timeout`: durations, rounded up to whole seconds. */
export function readTimeouts({ reader, origins }: ReadContext, field: Field): TimeoutsInput {
  const fields = reader.fields(field, keysOf(timeoutSection));
  const seconds = (key: string, path: string): number | undefined => {
    const entry = fields.get(key);
    if (!entry || reader.isNull(entry)) return undefined;
    origins.set(`spec.timeouts.${path}`, entry);
    return readDuration({ reader }, entry);
  };
  const exec = seconds('exec_timeout', 'execSeconds');
  const queue = seconds('queue_timeout', 'queueSeconds');
  return { ...(exec !== undefined && { execSeconds: exec }), ...(queue !== undefined && { queueSeconds: queue }) };
}

/** A duration in seconds ≥ 1. */
export function readDuration({ reader }: Pick<ReadContext, 'reader'>, field: Field): number | undefined {
  const text = reader.text(field);
  if (text === undefined) return undefined;
  const seconds = durationSeconds(text);
  if (seconds !== undefined && seconds >= 1 && Number.isSafeInteger(seconds)) return seconds;
  return reader.refuse(
    field,
    "must be a duration longer than 0 such as '30m', '2h', '7d', 'PT1H30M', or a number of seconds",
  );
}
