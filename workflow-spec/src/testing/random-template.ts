import type { Random } from './random.ts';

/** A template and the YAML of its values. */
export interface TemplateCase {
  readonly template: string;
  readonly values: string;
}

/** The values of every random template: something of each kind. */
export const templateValues = `
n: 3
zero: 0
neg: -7
f: 2.5
tiny: 1.0e-07
huge: 123456789012345678901234567890
s: hello World
e: ''
q: it's "quoted"
u: "é\\tñ\\u200b\\U0001F600"
words: [alpha, Beta, gamma]
nums: [3, 1, 2.5, -4]
mixed: [1, two, 3.0, true, null, [x, y], {k: v}]
empty: []
m: {a: 1, b: {c: [10, 20], d: deep}, 'k k': v}
tasks: [{name: prep, gpu: 0, tags: [x]}, {name: train, gpu: 8, tags: [y, z]}, {name: eval, gpu: 1, tags: []}]
t: true
nil: null
day: 2024-03-01
when: 2024-03-01T12:30:00Z
`;

type Kind = 'int' | 'num' | 'str' | 'list' | 'dict' | 'bool' | 'any';

/**
 * Random templates over what recipes use: mostly right ones, now and then a wrong one, since what is refused should be the
 * same too.
 */
export class RandomTemplate {
  readonly #random: Random;
  #names: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  make(): TemplateCase {
    this.#names = [];
    return { template: this.#block(0), values: templateValues };
  }

  #block(depth: number): string {
    const parts = this.#random.many(1, 4, () => this.#statement(depth));
    return parts.join(this.#random.pick(['', '\n', ' ', '\n  ']));
  }

  #tag(inner: string): string {
    const sign = (): string => (this.#random.chance(0.2) ? this.#random.pick(['-', '-', '+']) : '');
    return `{%${sign()} ${inner} ${sign()}%}`;
  }

  #print(expression: string): string {
    const sign = (): string => (this.#random.chance(0.1) ? '-' : '');
    // A brace beside a brace would be another tag.
    return `{{${sign()} ${expression} ${sign()}}}`;
  }

  #statement(depth: number): string {
    const random = this.#random;
    const choice = random.below(depth > 2 ? 5 : 14);
    // What these give is another kind of text in Jinja, which shows inside of lists only.
    const escaping = random.chance(0.1) ? random.pick(['|tojson', '|tojson(indent=2)', '|e', '|string|tojson']) : '';
    if (choice < 3)
      return this.#print(escaping === '' ? this.#expression('any', 0) : `(${this.#expression('any', 0)})${escaping}`);
    if (choice === 3)
      return random.pick([
        'name: ',
        '\n- x',
        'a b',
        '{ }',
        '# note',
        ...(depth === 0 ? ['{{output}}', '{{host:a}}'] : []),
        '%}',
        ' \n\n ',
        "'",
        'é',
      ]);
    if (choice === 4)
      return random.chance(0.5)
        ? `{# ${random.pick(['x', '{{ y }}', ''])} #}`
        : `{% raw %}{{ x }}${random.pick(['', '\n'])}{% endraw %}`;
    if (choice < 8) return this.#for(depth);
    if (choice < 11) return this.#if(depth);
    if (choice === 11) return this.#set(depth);
    if (choice === 12) return this.#macro(depth);
    return random.chance(0.5)
      ? `${this.#tag(`with w = ${this.#expression('any', 0)}`)}${this.#scoped(['w'], () => this.#block(depth + 1))}${this.#tag('endwith')}`
      : `${this.#tag(`filter ${random.pick(['upper', 'trim', 'indent(2)', "replace('a', 'b')"])}`)}${this.#block(depth + 1)}${this.#tag('endfilter')}`;
  }

  #scoped(names: readonly string[], make: () => string): string {
    const before = this.#names;
    this.#names = [...before, ...names];
    const made = make();
    this.#names = before;
    return made;
  }

  #for(depth: number): string {
    const random = this.#random;
    const [target, iterable, names] = random.pick([
      () => ['i', `range((${this.#expression('int', 2)}) % 4)`, ['i']],
      () => ['i', `range(${random.below(3)}, ${random.below(6)}${random.chance(0.3) ? ', 2' : ''})`, ['i']],
      () => ['x', this.#expression('list', 1), ['x']],
      () => ['k, v', `${this.#expression('dict', 1)}.items()`, ['k', 'v']],
      () => ['task', 'tasks', ['task.name', 'task.gpu', 'task.tags']],
      () => ['c', 's', ['c']],
    ] as (() => [string, string, string[]])[])();
    const filter = random.chance(0.2) ? ` if ${this.#expression('bool', 2)}` : '';
    const loop = ['loop.index', 'loop.index0', 'loop.first', 'loop.last', 'loop.length', 'loop.revindex'];
    const body = this.#scoped([...names, ...loop], () => this.#block(depth + 1));
    const otherwise = random.chance(0.2) ? `${this.#tag('else')}${this.#block(depth + 1)}` : '';
    return `${this.#tag(`for ${target} in ${iterable}${filter}`)}${body}${otherwise}${this.#tag('endfor')}`;
  }

  #if(depth: number): string {
    const test = (): string => this.#expression(this.#random.chance(0.7) ? 'bool' : 'any', 0);
    let text = `${this.#tag(`if ${test()}`)}${this.#block(depth + 1)}`;
    for (let count = this.#random.below(3); count > 0; count -= 1)
      text += `${this.#tag(`elif ${test()}`)}${this.#block(depth + 1)}`;
    if (this.#random.chance(0.5)) text += `${this.#tag('else')}${this.#block(depth + 1)}`;
    return text + this.#tag('endif');
  }

  #set(depth: number): string {
    const name = this.#random.pick(['v1', 'v2', 'v3']);
    if (this.#random.chance(0.3)) {
      const block = `${this.#tag(`set ${name}`)}${this.#block(depth + 1)}${this.#tag('endset')}`;
      this.#names.push(name);
      return block;
    }
    const expression = this.#expression('any', 0);
    this.#names.push(name);
    return this.#tag(`set ${name} = ${expression}`);
  }

  #macro(depth: number): string {
    const name = this.#random.pick(['mac', 'other']);
    const body = this.#scoped(['p', 'p2'], () => this.#block(depth + 1));
    const argument = (): string => this.#expression('any', 1);
    const call = this.#print(`${name}(${argument()}${this.#random.chance(0.5) ? `, p2=${argument()}` : ''})`);
    return `${this.#tag(`macro ${name}(p, p2=${this.#expression('any', 1)})`)}${body}${this.#tag('endmacro')}${call}`;
  }

  #expression(kind: Kind, depth: number): string {
    const random = this.#random;
    if (random.chance(0.004)) return random.pick(['nope', 'm.nope', 'x', 'nums[9]', "m['zz']", 's.nope']);
    const named = this.#names.length > 0 && random.chance(kind === 'any' || kind === 'bool' ? 0.3 : 0.01);
    if (named) return random.pick(this.#names);
    if (kind === 'any' || random.chance(0.008))
      return this.#expression(random.pick(['int', 'num', 'str', 'list', 'dict', 'bool', 'str'] as const), depth);
    const options = depth > 3 ? leaves[kind] : random.chance(0.35) ? leaves[kind] : branches[kind];
    return random.pick(options).replaceAll(/\b(INT|NUM|STR|LIST|DICT|BOOL|ANY)\b/g, (word) => {
      const inner = this.#expression(word.toLowerCase() as Kind, depth + 1);
      return /^[\w.]+$/.test(inner) ? inner : `(${inner})`;
    });
  }
}

type Known = Exclude<Kind, 'any'>;

const leaves: Readonly<Record<Known, readonly string[]>> = {
  int: ['n', 'zero', 'neg', '1', '2', '10', '0', '255', 'huge', 'm.a', '0x1F', '1_000'],
  num: ['f', 'tiny', '0.5', '3.14159', '1e10', '1e16', '100.0', 'n', '2.675', '1.5e-5'],
  str: [
    's',
    'e',
    'q',
    'u',
    "'abc'",
    '"x y"',
    "'a,b,c'",
    "'%s'",
    "'42'",
    "'3.7'",
    "'{}-{}'",
    'm.b.d',
    'words[0]',
    "'Foo' 'Bar'",
    "'\\n\\'\\\\'",
    "'<b>&'",
  ],
  list: [
    'words',
    'nums',
    'mixed',
    'empty',
    '[1, 2, 3]',
    "['b', 'a']",
    'm.b.c',
    '[]',
    'range(4)',
    '(1, 2)',
    'tasks',
    '[n, f, s]',
    "[['x', 1], ['y', 2]]",
  ],
  dict: ['m', '{}', "{'a': 1}", "{'x': n, 'y': [s]}", 'm.b', 'tasks[0]', "{1: 'a', true: 'b', none: 2.5}"],
  bool: ['t', 'true', 'False', 'nil', 'n', 'none'],
};

const branches: Readonly<Record<Known, readonly string[]>> = {
  int: [
    'INT + INT',
    'INT - INT',
    'INT * INT',
    'INT // INT',
    'INT % INT',
    '-INT',
    '+INT',
    '2 ** 5',
    '(INT % 100) ** 2',
    'LIST|length',
    'STR|length',
    'NUM|int',
    'STR|int',
    'STR|int(5)',
    'LIST|count',
    'INT|abs',
    'DICT|length',
    '[INT, INT]|max',
    '[INT, INT]|min',
    '[1, INT]|sum',
    "STR.count('l')",
    "STR.find('o')",
    'INT if BOOL else INT',
    'BOOL|int',
    'LIST|list|length',
    'tasks|map(attribute="gpu")|sum',
    "'0x1f'|int(base=16)",
    'STR|wordcount',
    'INT|default(1)',
  ],
  num: [
    'NUM + NUM',
    'NUM * INT',
    'NUM - NUM',
    'INT / INT',
    'NUM / NUM',
    'NUM // NUM',
    'NUM % NUM',
    '0.5 ** 2',
    'NUM|round',
    'NUM|round(2)',
    'NUM|round(1, "floor")',
    'NUM|round(1, "ceil")',
    'INT|float',
    'STR|float',
    'NUM|abs',
    'nums|sum',
    'nums|max',
    '2 ** -2',
    'INT|round(-1)',
  ],
  str: [
    'STR + STR',
    'STR ~ ANY',
    'ANY ~ ANY ~ ANY',
    'STR * 2',
    'STR|upper',
    'STR|lower',
    'STR|title',
    'STR|capitalize',
    'STR|trim',
    'STR|replace("a", "b")',
    'STR|replace("l", "", 1)',
    "LIST|join(',')",
    'LIST|join',
    'words|join(STR)',
    'STR[1:3]',
    'STR[::-1]',
    'STR[:-1]',
    'STR[0]',
    'STR[INT]',
    'ANY|string',
    'STR.upper()',
    'STR.strip()',
    "STR.replace('o', '0')",
    'STR|reverse',
    'STR|first',
    'STR|last',
    "'%05d' % INT",
    "'%s=%s' % (STR, ANY)",
    "'%.2f' % NUM",
    "'%-8s|' % STR",
    "'%(a)s' % {'a': ANY}",
    "'{}'.format(ANY)",
    "'{:>6}|{:<4}'.format(STR, INT)",
    "'{0}{1}{0}'.format(INT, STR)",
    "'{:.3f}'.format(NUM)",
    "'{:,}'.format(INT)",
    "'{x!r:>10}'.format(x=STR)",
    "'{:08.2f}'.format(NUM)",
    "'{:x}'.format(INT)",
    "'{:e}'.format(NUM)",
    "'{:g}'.format(NUM)",
    "'{:%}'.format(NUM)",
    'STR|indent',
    'STR|indent(2, true)',
    'STR|truncate(5)',
    "STR|truncate(6, true, '..')",
    'STR|center(20)',
    "STR|default('d', true)",
    'nope|default(STR)',
    'STR|urlencode',
    'INT|filesizeformat',
    'STR if BOOL else STR',
    'STR if BOOL',
    "'%s'|format(ANY)",
    "STR.center(9, '*')",
    'STR.zfill(5)',
    "STR.ljust(8) ~ '|'",
    'STR.title()',
    'STR.capitalize()',
    'STR.swapcase()',
    "'-'.join(words)",
    'STR.format(INT, INT)',
    'STR|wordcount|string',
    "'%x' % INT",
    "'%5.1f|%+d' % (NUM, INT)",
    "'%r' % STR",
    "'%g' % NUM",
    "'%e' % NUM",
    'day|string',
    "when ~ ''",
  ],
  list: [
    'LIST + LIST',
    'LIST * 2',
    'LIST[1:]',
    'LIST[::-1]',
    'LIST|list',
    'LIST|reverse|list',
    'LIST|unique|list',
    'nums|sort',
    'words|sort',
    'words|sort(reverse=true)',
    'words|sort(case_sensitive=true)',
    "tasks|sort(attribute='gpu')",
    "tasks|map(attribute='name')|list",
    'words|map("upper")|list',
    "LIST|select('string')|list",
    "LIST|reject('number')|list",
    "tasks|selectattr('gpu')|list",
    "tasks|selectattr('gpu', 'gt', 0)|map(attribute='name')|list",
    "tasks|rejectattr('gpu')|map(attribute='name')|list",
    'STR.split()',
    "STR.split(',')",
    "STR.split('l', 1)",
    'STR|list',
    'DICT|list',
    'DICT.keys()|list',
    'DICT.values()|list',
    'DICT.items()|list',
    'DICT|dictsort',
    "DICT|dictsort(by='value')",
    'range(INT % 5)|list',
    'LIST|batch(2)|list',
    'LIST|slice(2)|list',
    "LIST|batch(2, '-')|list",
    '[ANY, ANY]',
    '[INT, STR, BOOL]',
    '(ANY, ANY)',
    "tasks|groupby('gpu')",
    'LIST|map("string")|list',
    'STR.splitlines()',
    "STR.rsplit('o', 1)",
    "STR.partition('o')",
    'DICT|items|list',
    'words|map("length")|list',
    'LIST|sort',
    'LIST|default([])',
    'range(INT % 5)',
    'LIST if BOOL else LIST',
  ],
  dict: [
    "{'a': ANY, 'b': ANY}",
    'dict(a=ANY)',
    'dict(DICT)',
    'DICT.copy()',
    '{STR: INT}',
    'DICT|default({})',
    '{INT: STR, NUM: BOOL}',
    'tasks|first',
    'tasks|last',
    'tasks[INT]',
    'dict([[STR, ANY]])',
  ],
  bool: [
    'not BOOL',
    'BOOL and BOOL',
    'BOOL or BOOL',
    'INT == INT',
    'INT < INT',
    'NUM >= INT',
    'STR == STR',
    'STR < STR',
    'ANY in LIST',
    'STR in STR',
    'STR not in words',
    'STR in DICT',
    'ANY == ANY',
    'ANY != ANY',
    '1 < INT <= 10',
    'nope is defined',
    'n is defined',
    'ANY is string',
    'ANY is number',
    'ANY is mapping',
    'ANY is iterable',
    'ANY is sequence',
    'ANY is none',
    'INT is odd',
    'INT is even',
    'INT is divisibleby 3',
    'INT is divisibleby(2)',
    'ANY is boolean',
    'ANY is integer',
    'ANY is float',
    'ANY is true',
    'STR is upper',
    'STR is lower',
    'INT is eq INT',
    'INT is gt 2',
    'ANY is in LIST',
    'ANY is not none',
    "STR.startswith('h')",
    "STR.endswith('d')",
    'STR.isdigit()',
    'STR.isalpha()',
    'STR.isupper()',
    'LIST == LIST',
    'LIST < LIST',
    'DICT == DICT',
    'BOOL == INT',
    'ANY is callable',
    'ANY is sameas none',
    "'upper' is filter",
    'ANY',
  ],
};
