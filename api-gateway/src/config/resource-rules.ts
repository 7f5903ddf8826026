import type { PoolSpecInput } from '@osmo/crds';
import { ConfigProblem, type ConfigField, own } from './config-fields.ts';
import { inlineField } from './pod-template-name.ts';
import { readObjects, readText, unlessEmpty } from './values.ts';

type Rule = NonNullable<PoolSpecInput['resourceRules']>[number];

/** The list of names of resource validations, of which a pool holds one. */
export function ruleSetField(field: string, name: string): ConfigField<PoolSpecInput> {
  return inlineField(
    field,
    name,
    'resourceRules',
    `rules: write them with PUT /api/configs/resource_validation/${name}`,
  );
}

/** Rules as upstream has them. */
export function rulesView(rules: readonly Rule[]): Record<string, string>[] {
  return rules.map(({ operator, left, right, message }) => ({
    operator,
    left_operand: left,
    right_operand: right,
    assert_message: message,
  }));
}

/** @throws ConfigProblem */
export function readRules(value: unknown, path: string): Rule[] | undefined {
  const rules = readObjects(value, path)?.map((item, index): Rule => {
    const names = ['operator', 'left_operand', 'right_operand', 'assert_message'];
    const stranger = Object.keys(item).find((name) => !names.includes(name));
    if (stranger !== undefined) {
      throw new ConfigProblem(
        `${path}[${index}].${stranger.slice(0, 64)}`,
        `is no known field; there are ${names.join(', ')}`,
      );
    }
    const part = (name: string): string => {
      const given = own(item, name);
      const text = typeof given === 'number' ? String(given) : readText(given, `${path}[${index}].${name}`);
      if (text) return text;
      throw new ConfigProblem(`${path}[${index}].${name}`, 'must be a text');
    };
    const operator = part('operator');
    if (!isOperator(operator)) {
      throw new ConfigProblem(`${path}[${index}].operator`, `must be one of ${operators.join(', ')}`);
    }
    return { operator, left: part('left_operand'), right: part('right_operand'), message: part('assert_message') };
  });
  return unlessEmpty(rules);
}

const operators = ['GT', 'GE', 'LT', 'LE', 'EQ'] as const;
const isOperator = (text: string): text is Rule['operator'] => operators.some((each) => each === text);
