import type { Random } from './random.ts';

const scalars = [
  'a',
  'Y',
  'yes',
  'No',
  'on',
  'null',
  '~',
  '',
  '12',
  '-3',
  '0',
  '017',
  '08',
  '0x1F',
  '0b101',
  '0o17',
  '1_000',
  '12:30',
  '190:20:30',
  '1.5',
  '1.',
  '.5',
  '-.5',
  '1e3',
  '1.0e+3',
  '1.5e-07',
  '.inf',
  '-.INF',
  '.nan',
  '2024-01-02',
  '2024-1-2',
  '2024-01-02T03:04:05Z',
  'x y',
  'a:b',
  'a#b',
  'a #b',
  "it's",
  'http://x/y',
  '-a',
  '- a',
  '?a',
  ':a',
  '=',
  '<<',
  '@a',
  '`a',
  '%a',
  '!x',
  '!!str 12',
  '!!int "3"',
  '&an a',
  '*an',
  '*nope',
  '|',
  '>',
  '"q\\n\\x41\\u00e9 r"',
  '"a\\qb"',
  "'s ''t'' u'",
  '"open',
  "'open",
  '{{x}}',
  '[',
  '}',
  'a, b',
  'é',
  '😀',
  '\t',
  '[a, b]',
  '{a: 1, b}',
  '{a:1}',
  '[a: b, c]',
  '[]',
  '{}',
  '[1, [2, {x: y}], ]',
  '{? a : b, c: }',
  '"a":1',
] as const;

/** Random YAML: blocks and flow, comments, quotes, and now and then a line that breaks it. */
export function randomYaml(random: Random): string {
  return random.chance(0.1)
    ? random.pick(['---\n', '# c\n', '\n', '%YAML 1.1\n---\n']) + node(random, 0, 0)
    : node(random, 0, 0);
}

function scalar(random: Random, plainOnly: boolean): string {
  const text = random.pick(
    plainOnly ? (['a', 'b', 'c', 'k', 'name', '1', 'yes', '"q k"', "'s'", '? x', '<<', 'a b'] as const) : scalars,
  );
  return text;
}

function node(random: Random, indent: number, depth: number): string {
  const space = ' '.repeat(indent);
  const choice = depth > 3 ? 0 : random.below(6);
  if (choice === 0) return `${space}${scalar(random, false)}\n`;
  const items = 1 + random.below(4);
  const lines: string[] = [];
  for (let index = 0; index < items; index += 1) {
    if (random.chance(0.05)) lines.push(random.pick(['\n', `${space}# comment\n`, `${space}  \n`, '# left\n']));
    if (random.chance(0.02)) lines.push(`${space}${scalar(random, false)}\n`);
    const lead = choice < 3 ? `${space}-` : `${space}${scalar(random, true)}:`;
    lines.push(lead + value(random, indent, depth));
  }
  return lines.join('');
}

function value(random: Random, indent: number, depth: number): string {
  const choice = random.below(8);
  const inner = indent + 1 + random.below(4);
  if (choice < 4) return ` ${scalar(random, false)}${random.chance(0.1) ? '  # note' : ''}\n`;
  if (choice === 4) return `${random.pick([' |', ' >', ' |-', ' >+', ' |2', ' >-'])}\n${block(random, inner)}`;
  if (choice === 5)
    return ` ${random.pick(['one', '"one', "'one"])}\n${' '.repeat(inner)}two\n${random.chance(0.3) ? '\n' : ''}${' '.repeat(inner)}three${random.pick(['', '"', "'"])}\n`;
  return `\n${node(random, random.chance(0.2) ? indent : inner, depth + 1)}`;
}

function block(random: Random, indent: number): string {
  return random
    .many(1, 4, () =>
      random.chance(0.2)
        ? '\n'
        : `${' '.repeat(indent + (random.chance(0.2) ? 2 : 0))}${random.pick(['x', 'a: b', '# no comment', '- y', 'é  ', '\tt'])}\n`,
    )
    .join('');
}
