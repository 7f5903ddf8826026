import { Api } from '../constants.ts';
import type { KindDefinition } from '../definition.ts';
import { schemaOf } from './crd.ts';
import type { StructuralSchema } from './structural.ts';

interface Section {
  readonly path: string;
  readonly schema: StructuralSchema;
}

/** The reference page of a kind, in Markdown: every field with its type, default, bounds, doc and rules. */
export function referencePage(kind: KindDefinition): string {
  const { spec, status } = schemaOf(kind).properties as { spec: StructuralSchema; status: StructuralSchema };
  const sections = [...sectionsOf('spec', spec), ...sectionsOf('status', status)];
  const paths = new Map<string, string>();
  const written = sections.filter(({ path, schema }) => {
    const same = JSON.stringify(schema);
    if (paths.has(same)) return false;
    paths.set(same, path);
    return true;
  });
  return (
    [
      `# ${kind.type.kind}`,
      kind.description,
      identity(kind),
      ...written.map((section) => sectionText(section, paths)),
      columns(kind),
    ].join('\n\n') + '\n'
  );
}

/** The page that lists the kinds. */
export function referenceIndex(kinds: readonly KindDefinition[]): string {
  const rows = kinds.map(({ type, description, shortNames }) => [
    `[${type.kind}](${type.kind.toLowerCase()}.md)`,
    type.namespaced ? 'namespaced' : 'cluster',
    shortNames.map(code).join(', '),
    description,
  ]);
  return (
    [
      '# API reference',
      `Group \`${Api.group}\`, version \`${Api.version}\`. \`kubectl get ${Api.category}\` lists objects of every kind.`,
      table(['Kind', 'Scope', 'Short', 'What it is'], rows),
      'Labels, annotations, condition types and reasons: [constants](../constants.md).',
    ].join('\n\n') + '\n'
  );
}

function identity({ type, shortNames, name, mutable }: KindDefinition): string {
  const lines = [
    `- \`apiVersion: ${type.group}/${type.version}\`, \`kind: ${type.kind}\``,
    `- Resource \`${type.plural}.${type.group}\`, ${type.namespaced ? 'namespaced' : 'cluster-scoped'}`,
  ];
  if (shortNames.length > 0) lines.push(`- Short name ${shortNames.map(code).join(', ')}`);
  const limits = name?.meta()?.description;
  const max = name?.maxLength;
  if (mutable !== undefined) {
    const free = mutable.length === 0 ? '' : ` but for ${mutable.map(code).join(', ')}`;
    lines.push(`- \`spec\` can't be changed after creation${free}.`);
  }
  if (limits !== undefined) lines.push(`- \`metadata.name\`: ${limits} At most ${String(max)} characters.`);
  return lines.join('\n');
}

/** An object with fields is a section, and so is each one below it. */
function sectionsOf(path: string, schema: StructuralSchema): Section[] {
  if (schema.items !== undefined) return sectionsOf(`${path}[]`, schema.items);
  if (schema.properties === undefined) return [];
  const below = Object.entries(schema.properties).flatMap(([name, property]) =>
    sectionsOf(`${path}.${name}`, property),
  );
  return [{ path, schema }, ...below];
}

function sectionText({ path, schema }: Section, paths: ReadonlyMap<string, string>): string {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => [
    code(name),
    typeOf(field, paths),
    required.has(name) ? 'required' : field.default === undefined ? '' : code(JSON.stringify(field.default)),
    bounds(field).join('; '),
    [prose(field.description), ...(field.properties === undefined ? rulesOf(field) : [])].join(' '),
  ]);
  const rules = rulesOf(schema).map((rule) => `- ${rule}`);
  return [
    `## ${path}`,
    prose(schema.description),
    table(['Field', 'Type', 'Default', 'Allowed', 'Description'], rows),
    ...(rules.length > 0 ? [rules.join('\n')] : []),
  ].join('\n\n');
}

/** Rules of a field are said with the field; those of an object with fields are said in its section. */
function rulesOf(schema: StructuralSchema): string[] {
  const cel = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => `Rule: ${message}.`);
  if (schema.properties === undefined || schema.minProperties === undefined) return cel;
  const optional = Object.keys(schema.properties).filter((name) => !(schema.required ?? []).includes(name));
  return [...cel, `Rule: exactly one of ${optional.map(code).join(', ')} is set.`];
}

function typeOf(schema: StructuralSchema, paths: ReadonlyMap<string, string>): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (schema.items !== undefined) return `list of ${typeOf(schema.items, paths)}`;
  if (schema.properties !== undefined) {
    const path = paths.get(JSON.stringify(schema));
    return path === undefined ? 'object' : `[${path}](#${anchor(path)})`;
  }
  if (schema.additionalProperties !== undefined) return 'map of strings';
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return 'any object';
  return schema.format === 'date-time' ? 'time' : (schema.type ?? '');
}

/** The anchor that Markdown renderers give a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');

function bounds(schema: StructuralSchema): string[] {
  const found: string[] = [];
  if (schema.enum !== undefined) found.push(schema.enum.map(code).join(', '));
  if (schema['x-kubernetes-int-or-string'] !== true && schema.minimum !== undefined && schema.maximum !== undefined) {
    found.push(`${schema.minimum} to ${schema.maximum}`);
  }
  found.push(...range('characters', schema.minLength, schema.maxLength));
  if (schema.pattern !== undefined) found.push(code(schema.pattern));
  found.push(...range('items', schema.minItems, schema.maxItems));
  found.push(...range('entries', undefined, schema.maxProperties));
  const key = schema['x-kubernetes-list-map-keys']?.[0];
  if (key !== undefined) found.push(`unique ${code(key)}`);
  if (schema['x-kubernetes-list-type'] === 'set') found.push('no duplicates');
  const inner = schema.items ?? schema.additionalProperties;
  if (inner !== undefined && inner.properties === undefined) {
    found.push(...bounds(inner).map((bound) => `each ${bound}`));
  }
  return found;
}

function range(what: string, min: number | undefined, max: number | undefined): string[] {
  if (max === undefined) return [];
  return [min === undefined || min === 0 ? `≤ ${max} ${what}` : `${min} to ${max} ${what}`];
}

function columns({ columns: all, type }: KindDefinition): string {
  const rows = all.map(({ name, jsonPath, description, priority }) => [
    name,
    code(jsonPath),
    priority === 1 ? 'with `-o wide`' : '',
    description,
  ]);
  return [`## Columns of \`kubectl get ${type.plural}\``, table(['Column', 'From', 'Shown', 'What it is'], rows)].join(
    '\n\n',
  );
}

/** Text in which Markdown must not see HTML or a new cell. */
const prose = (text = ''): string => text.replaceAll('<', '\\<').replaceAll('|', '\\|');

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

/** A Markdown table; `rows` hold Markdown already, but for line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
