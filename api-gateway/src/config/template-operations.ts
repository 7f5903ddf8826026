import type { Platform, Pool } from '@osmo/crds';
import type { ResourceType } from '@osmo/kube';
import type { Dependencies } from '../dependencies.ts';
import { notFound } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Platforms, Pools } from '../kinds.ts';
import { ConfigProblem, isJson } from './config-fields.ts';
import { readRules, rulesView } from './resource-rules.ts';
import { withField } from './values.ts';
import { configOf, current, refuseIfWrong, writeAll } from './write.ts';

const tag = 'Configuration';
const nothing = { description: 'Null: it is done.', schema: { type: 'null' } };

/** A kind of thing that upstream keeps by name and a pool or platform holds here. */
interface Inline {
  /** Word in paths. */
  word: string;
  /** What one is. */
  what: string;
  schema: Record<string, unknown>;
  /** Reads it of a spec; undefined when there is none. */
  view(holder: Pool | Platform): unknown;
  /** The spec with another one; undefined: with none. @throws ConfigProblem */
  apply(spec: object, value: unknown): object;
  /** What can hold one. */
  holders: readonly ('pool' | 'platform')[];
}

const templates: Inline = {
  word: 'pod_template',
  what: 'pod template',
  schema: { type: 'object', description: 'metadata and spec of pods; or an object with them under `configs`.' },
  view: ({ spec }) => spec.podTemplate,
  apply(spec, value) {
    if (value === undefined || isJson(value)) return withField(spec as { podTemplate?: unknown }, 'podTemplate', value);
    throw new ConfigProblem('pod_template', 'must be an object');
  },
  holders: ['pool', 'platform'],
};
const ruleSets: Inline = {
  word: 'resource_validation',
  what: 'set of rules',
  schema: { type: ['array', 'object'], description: 'Rules; or an object with them under `configs`.' },
  view: ({ spec }) => ('resourceRules' in spec && spec.resourceRules ? rulesView(spec.resourceRules) : undefined),
  apply: (spec, value) =>
    withField(spec as { resourceRules?: unknown }, 'resourceRules', readRules(value, 'resource_validation')),
  holders: ['pool'],
};

/**
 * Pod templates and resource validations, which upstream keeps by name: here a pool or platform holds its own, whose name is `pool.NAME` or
 * `platform.NAME`.
 */
export function templateConfigOperations(dependencies: Dependencies): Operation[] {
  return [templates, ruleSets].flatMap((inline) => operationsOf(dependencies, inline));
}

function operationsOf(dependencies: Dependencies, inline: Inline): Operation[] {
  const { caches, access } = dependencies;
  const { word, what } = inline;
  const title = word === 'pod_template' ? 'PodTemplate' : 'ResourceValidation';
  const kinds = { pool: Pools as ResourceType<Pool | Platform>, platform: Platforms as ResourceType<Pool | Platform> };
  const path = `/api/configs/${word}/{name}`;
  /** Kind and name of the holder that a name means. @throws RequestError 404 */
  const holderOf = (name: string): { kind: 'pool' | 'platform'; holder: string } => {
    const at = name.indexOf('.');
    const kind = inline.holders.find((each) => each === name.slice(0, at));
    if (kind !== undefined && at < name.length - 1) return { kind, holder: name.slice(at + 1) };
    const names = inline.holders.map((each) => `${each}.NAME`).join(' or ');
    throw notFound(
      `there is no ${what} ${JSON.stringify(name.slice(0, 128))}: each is in its holder here, and is named ${names}`,
    );
  };
  const all = (): Record<string, unknown> => {
    const held = inline.holders.flatMap((kind) => {
      const list: readonly (Pool | Platform)[] = kind === 'pool' ? caches.pools.list() : caches.platforms.list();
      return list.map((holder) => [`${kind}.${holder.metadata.name}`, inline.view(holder)] as const);
    });
    return Object.fromEntries(held.filter(([, value]) => value !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
  const change = async (
    call: Parameters<Operation['handle']>[0],
    value: unknown,
    mustBe: boolean,
  ): Promise<{ json: null }> => {
    const { caller, params, signal } = call;
    const { kind, holder } = holderOf(params['name'] ?? '');
    const client = dependencies.as(caller);
    const old = await current(client, kinds[kind], holder, signal);
    if (old === undefined)
      throw notFound(`there is no ${kind} ${JSON.stringify(holder.slice(0, 128))} to hold a ${what}`);
    if (mustBe && inline.view(old) === undefined) throw notFound(`${kind} ${holder} has no ${what}`);
    let spec: object;
    try {
      spec = inline.apply(old.spec, value);
    } catch (error) {
      if (error instanceof ConfigProblem) refuseIfWrong([error]);
      throw error;
    }
    await writeAll(client, [{ type: kinds[kind], name: holder, old, spec }], signal);
    return { json: null };
  };
  const see = async (caller: Parameters<Operation['handle']>[0]['caller']): Promise<void> => {
    await Promise.all(inline.holders.map((kind) => access.demand(caller, { verb: 'list', resource: `${kind}s` })));
  };
  return [
    operation({
      id: `list${title}s`,
      action: 'config:Read',
      method: 'get',
      path: `/api/configs/${word}`,
      tag,
      summary: `Reads every ${what}`,
      answer: { description: 'Each by its name.', schema: { type: 'object' } },
      async handle({ caller }) {
        await see(caller);
        return { json: all() };
      },
    }),
    operation({
      id: `get${title}`,
      action: 'config:Read',
      method: 'get',
      path,
      tag,
      summary: `Reads a ${what}`,
      answer: { description: `The ${what}.`, schema: { type: ['object', 'array'] } },
      async handle({ caller, params }) {
        await see(caller);
        const name = params['name'] ?? '';
        const { kind, holder } = holderOf(name);
        const found = (kind === 'pool' ? caches.pools : caches.platforms).get(undefined, holder);
        const value = found === undefined ? undefined : inline.view(found);
        if (value !== undefined) return { json: value };
        throw notFound(`there is no ${what} ${JSON.stringify(name.slice(0, 128))}`);
      },
    }),
    operation({
      id: `put${title}`,
      action: 'config:Update',
      method: 'put',
      path,
      tag,
      summary: `Gives a pool${inline.holders.length > 1 ? ' or platform' : ''} its ${what}`,
      body: { schema: inline.schema },
      answer: nothing,
      handle: (call) => change(call, configOf(call.body), false),
    }),
    operation({
      id: `delete${title}`,
      action: 'config:Delete',
      method: 'delete',
      path,
      tag,
      summary: `Takes a ${what} away`,
      answer: nothing,
      handle: (call) => change(call, undefined, true),
    }),
  ];
}
