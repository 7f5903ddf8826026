import type { Backend, Platform, Pool, ResourceAmounts, ResourceRule } from '@osmo/crds';
import { formatQuantity, parseQuantity, QuantityError, type QuantityFormat } from '@osmo/kube/quantity';
import { matchingShapes } from './matching.ts';

/** What one node of a kind has to give. */
export interface NodeOffer {
  /** To name it in messages. */
  name: string;
  cpu: string | number;
  memory: string | number;
  storage?: string | number | undefined;
  gpu?: number | undefined;
}

/** 'unfit': the workflow asks for what no node has. 'unknown': no node is known yet. 'rule': the rule can't be evaluated. */
export interface RuleFailure {
  kind: 'unfit' | 'unknown' | 'rule';
  message: string;
}

/** Nodes of the platform (any node of the backend without one) that exist or that the platform says can be started. */
export function nodeOffers(backend: Backend, platform: Platform | undefined): NodeOffer[] {
  const shapes = backend.status?.shapes ?? [];
  const matching = platform === undefined ? shapes : matchingShapes(platform, shapes);
  return [...matching.map((shape) => ({ name: shape.id, ...shape.allocatable })), ...(platform?.spec.nodeShapes ?? [])];
}

/**
 * Checks the pool's resource rules for a task that asks for `amounts`. A rule that compares with a node (`K8_CPU` …) must
 * hold on at least one node on which all others hold too. An operand that has no value makes its rule hold.
 */
export function checkResourceRules(
  pool: Pool,
  amounts: ResourceAmounts,
  variables: ReadonlyMap<string, string>,
  offers: readonly NodeOffer[],
): RuleFailure | undefined {
  const rules = pool.spec.resourceRules ?? [];
  const unreadable = rules
    .map((rule, index) => unreadableOperand(rule, index, variables))
    .find((text) => text !== undefined);
  if (unreadable !== undefined) return { kind: 'rule', message: unreadable };
  const user = userValues(amounts, variables);
  const fixed = rules.filter((rule) => !comparesNode(rule));
  const broken = fixed.find((rule) => !holds(rule, user));
  if (broken !== undefined) return { kind: 'unfit', message: explain(broken, user) };
  const perNode = rules.filter(comparesNode);
  if (perNode.length === 0) return undefined;
  if (offers.length === 0) {
    return { kind: 'unknown', message: 'no node of the platform is known, and it declares no nodeShapes' };
  }
  return bestFailure(
    perNode,
    offers.map((offer) => new Map([...user, ...nodeValues(offer)])),
  );
}

type Values = ReadonlyMap<string, bigint>;

/** Undefined when some node fulfils all rules; else what fails on the node that came furthest. */
function bestFailure(rules: readonly ResourceRule[], nodes: readonly Values[]): RuleFailure | undefined {
  let best: { met: number; message: string } | undefined;
  for (const known of nodes) {
    const at = rules.findIndex((rule) => !holds(rule, known));
    const rule = rules[at];
    if (rule === undefined) return undefined;
    if (best === undefined || at > best.met) best = { met: at, message: explain(rule, known) };
  }
  return { kind: 'unfit', message: `${best?.message ?? ''}; this holds on none of ${nodes.length} kinds of nodes` };
}

const operandName = /^(?:\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}|([A-Za-z_][A-Za-z0-9_]*))$/;
const builtIn = ['CPU', 'GPU', 'MEMORY', 'STORAGE'].flatMap((name) => [`USER_${name}`, `K8_${name}`]);

function nameOf(operand: string): string | undefined {
  const match = operandName.exec(operand.trim());
  return match?.[1] ?? match?.[2];
}

function unreadableOperand(
  rule: ResourceRule,
  index: number,
  variables: ReadonlyMap<string, string>,
): string | undefined {
  for (const side of ['left', 'right'] as const) {
    const operand = rule[side];
    const name = nameOf(operand);
    const readable =
      name === undefined ? amountOf(operand) !== undefined : builtIn.includes(name) || variables.has(name);
    if (!readable) {
      const allowed = `a quantity, ${builtIn.join(', ')}, or a variable of the platform that is a quantity`;
      return `the pool's spec.resourceRules[${index}].${side}: ${JSON.stringify(operand)}: allowed: ${allowed}`;
    }
  }
  return undefined;
}

function comparesNode(rule: ResourceRule): boolean {
  return [rule.left, rule.right].some((operand) => nameOf(operand)?.startsWith('K8_') === true);
}

function userValues(amounts: ResourceAmounts, variables: ReadonlyMap<string, string>): Values {
  return values([
    ...variables,
    ['USER_CPU', amounts.cpu],
    ['USER_GPU', amounts.gpu],
    ['USER_MEMORY', amounts.memory],
    ['USER_STORAGE', amounts.storage],
  ]);
}

function nodeValues(offer: NodeOffer): Values {
  return values([
    ['K8_CPU', offer.cpu],
    ['K8_GPU', offer.gpu ?? 0],
    ['K8_MEMORY', offer.memory],
    ['K8_STORAGE', offer.storage],
  ]);
}

function values(entries: Iterable<readonly [string, string | number | undefined]>): Values {
  const known = new Map<string, bigint>();
  for (const [name, value] of entries) {
    const amount = value === undefined ? undefined : amountOf(value);
    if (amount !== undefined) known.set(name, amount);
  }
  return known;
}

function valueOf(operand: string, known: Values): bigint | undefined {
  const name = nameOf(operand);
  return name === undefined ? amountOf(operand) : known.get(name);
}

function holds(rule: ResourceRule, known: Values): boolean {
  const left = valueOf(rule.left, known);
  const right = valueOf(rule.right, known);
  if (left === undefined || right === undefined) return true;
  switch (rule.operator) {
    case 'GT':
      return left > right;
    case 'GE':
      return left >= right;
    case 'LT':
      return left < right;
    case 'LE':
      return left <= right;
    case 'EQ':
      return left === right;
  }
}

const inWords = { GT: 'more than', GE: 'at least', LT: 'less than', LE: 'at most', EQ: 'equal to' } as const;

function explain(rule: ResourceRule, known: Values): string {
  const side = (operand: string): string => {
    const name = nameOf(operand);
    const value = valueOf(operand, known);
    return name === undefined || value === undefined
      ? operand
      : `${name} (${formatQuantity({ nano: value, format: formatOf(name) })})`;
  };
  return `${rule.message}: ${side(rule.left)} must be ${inWords[rule.operator]} ${side(rule.right)}`;
}

// Memory is asked for in powers of two, and reads best so.
const formatOf = (name: string): QuantityFormat => (/MEMORY|STORAGE/.test(name) ? 'BinarySI' : 'DecimalSI');

/** In billionths; undefined for what is not a quantity. */
function amountOf(quantity: string | number): bigint | undefined {
  try {
    return parseQuantity(String(quantity).trim()).nano;
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}
