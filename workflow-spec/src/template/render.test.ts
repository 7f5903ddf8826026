import { describe, expect, test } from '@jest/globals';
import type { PyDict } from '../python/dict.ts';
import type { Value } from '../python/value.ts';
import { loadYaml } from '../yaml/constructor.ts';
import { renderTemplate } from './render.ts';

const values = `
a: 1
b: 2.5
s: hello World
l: [1, 2, three, 4.0, true, null]
d: {x: 1, y: {z: [a, b]}, 'k k': "it's"}
nil: null
day: 2024-01-02
`;

function render(template: string, yaml = values): string {
  const dict = loadYaml(yaml) as PyDict;
  return renderTemplate(template, new Map(dict.entries() as Iterable<[string, Value]>)).text;
}

describe('Python and Jinja semantics, as Jinja2 3.1.6 renders them', () => {
  test.each([
    // Printing
    [
      '{{ a }} {{ b }} {{ true }} {{ none }} {{ nil }} {{ 4.0 }} {{ 1e16 }} {{ 1e-5 }} {{ -0.0 }}',
      '1 2.5 True None None 4.0 1e+16 1e-05 -0.0',
    ],
    ['{{ l }}', "[1, 2, 'three', 4.0, True, None]"],
    ['{{ d }}', "{'x': 1, 'y': {'z': ['a', 'b']}, 'k k': \"it's\"}"],
    ['{{ day }} {{ [day] }}', '2024-01-02 [datetime.date(2024, 1, 2)]'],
    ['{{ (1,) }}{{ () }}{{ range(3) }}{{ range(3)|list }}', '(1,)()range(0, 3)[0, 1, 2]'],
    ["{{ ['é\\n\\x00\\u200b'] }}", "['é\\n\\x00\\u200b']"],
    // Arithmetic
    [
      '{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 100 }} {{ 2 ** -1 }}',
      '3 -4 2 3.5 1267650600228229401496703205376 0.5',
    ],
    [
      '{{ 0.1 + 0.2 }} {{ 100 * 1.1 }} {{ 2.5|round }} {{ 2.675|round(2) }} {{ 1234|round(-2) }}',
      '0.30000000000000004 110.00000000000001 2.0 2.67 1200',
    ],
    ["{{ '%05d|%-5s|%.3f|%x' % (42, 'ab', 3.14159, 255) }}", '00042|ab   |3.142|ff'],
    ["{{ '{:>8.2f}|{!r}|{:,}'.format(2.5, 'x', 1234567) }}", "    2.50|'x'|1,234,567"],
    // Statements
    ['{% for i in range(3) %}{{ loop.index }}/{{ loop.length }}{{ "," if not loop.last }}{% endfor %}', '1/3,2/3,3/3'],
    [
      '{% for k, v in d.items() %}{{ k }}{% else %}none{% endfor %}{% for x in [] %}{% else %}none{% endfor %}',
      'xyk knone',
    ],
    ['{% for x in l if x is number %}{{ x }};{% endfor %}', '1;2;4.0;True;'],
    ['{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}', '1'],
    ['{% set ns = namespace(n=0) %}{% for i in l %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}', '6'],
    ['{% macro m(a, b=2) %}[{{ a }},{{ b }}]{% endmacro %}{{ m(1) }}{{ m(3, b=4) }}', '[1,2][3,4]'],
    ['{% macro m() %}<{{ caller(1) }}>{% endmacro %}{% call(x) m() %}x{{ x }}{% endcall %}', '<x1>'],
    ['a  {%- if a == 1 and not nil %} yes {% endif -%}  b', 'a yes b'],
    [
      '{% for x in [1, [2, [3]]] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}',
      '1(2(3))',
    ],
    ['{% raw %}{{ x }}{% endraw %}{# gone #}', '{{ x }}'],
    // Filters and tests
    [
      "{{ l|join(',') }} {{ l|length }} {{ s|title }} {{ s|replace('l', 'L', 2) }}",
      '1,2,three,4.0,True,None 6 Hello World heLLo World',
    ],
    ['{{ d|tojson }}', '{"k k": "it\\u0027s", "x": 1, "y": {"z": ["a", "b"]}}'],
    [
      "{{ ['b', 'A', 'c']|sort }} {{ [1, 1, 2]|unique|list }} {{ [{'n': 1}, {'n': 2}]|map(attribute='n')|sum }}",
      "['A', 'b', 'c'] [1, 2] 3",
    ],
    [
      '{{ zz|default(5) }} {{ d.nope is defined }} {{ 10 is divisibleby 5 }} {{ "42"|int + 1 }} {{ "x"|int(7) }}',
      '5 False True 43 7',
    ],
    ['{{ d["no"]|default("-") }} {{ l[-1] }} {{ l|last }}', '- None None'],
    // Special tokens are no templates
    [
      '{{output}} {{input:0}} {{host:a-b}} {{workflow_id}} {{uuid}}',
      '{{output}} {{input:0}} {{host:a-b}} {{workflow_id}} {{uuid}}',
    ],
    ['{% for i in range(2) %}{{host:w-{{ i }}}} {% endfor %}', '{{host:w-0}} {{host:w-1}} '],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  test.each([
    ['{{ zz }}', /'zz' is undefined; give 'zz' a value in default-values or with --set zz=/, 0],
    ['{% if zz %}{% endif %}', /'zz' is undefined/, 6],
    ['x {{ d.nope }}', /'dict object' has no attribute 'nope'/, 2],
    ['{{ 1 / 0 }}', /ZeroDivisionError/, 5],
    ['{{ 1|nope }}', /no filter named 'nope'/, 5],
    ['{{ 1 is nope }}', /no test named 'nope'/, 8],
    ['{% nope %}', /no tag 'nope'/, 3],
    ['{% include "x" %}', /include.* not available/, 3],
    ['{{ output }}', /'output' is undefined/, 0],
    ['{% for x in l %}', /the block has no end: write {% endfor %}/, 0],
    ['{{ 1', /has no end: write }}/, 0],
    ['{{ [1 }}', /unexpected '}'|']' is missing/, 6],
    ['{{ range(1000000) }}', /Range too big/, 8],
    ["{{ 'a' * 10000000000 }}", /over the limit/, 7],
    ['{{ 10 ** 100000 }}', /over the limit/, 6],
    ["{{ '%1000000000d' % 1 }}", /over the limit/, 18],
    ["{{ '{:1000000000}'.format(1) }}", /over the limit/, 25],
    ['{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', /more than 100 deep/, 19],
  ])('%s is refused', (template, message, offset) => {
    expect(() => render(template)).toThrow(
      expect.objectContaining({ name: 'RecipeError', message: expect.stringMatching(message), offset }),
    );
  });

  test('an unknown filter below an if is refused only when it is used', () => {
    expect(render('{% if false %}{{ 1|nope }}{% endif %}ok')).toBe('ok');
  });
});

describe('no way to JavaScript or Python', () => {
  const names = [
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    '__lookupGetter__',
    'call',
    'apply',
    'bind',
    'caller',
    'arguments',
    'length',
    'then',
  ];
  const targets = [
    'a',
    's',
    'l',
    'd',
    'nil',
    'b',
    'range',
    'range(3)',
    '"".join',
    '[].append',
    'd.items',
    'd.items()',
    'namespace()',
    'cycler(1)',
    'joiner()',
    'dict',
    'loop',
    '(1,)',
    '(l|map("upper"))',
  ];

  test.each(names)('%s is no attribute of anything', (name) => {
    for (const target of targets) {
      // loop.length is Jinja's own.
      if (target === 'loop' && name === 'length') continue;
      for (const access of [`${target}.${name}`, `${target}['${name}']`, `(${target})|attr('${name}')`]) {
        const text = render(`{% for i in [1] %}{{ (${access}) is defined }}{% endfor %}`);
        expect([access, text]).toEqual([access, 'False']);
      }
    }
  });

  test.each([
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    '{{ range.constructor("return process")() }}',
    "{{ [].constructor.constructor('return process')() }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ [''] |map(attribute='__class__')|join }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ '{0[__class__]}'.format(d) }}",
    "{{ '{x.__class__.__init__.__globals__}'.format(x=1) }}",
    "{{ '%(__class__)s' % d }}",
    '{{ cycler.__init__.__globals__.os }}',
    '{{ joiner().__init__ }}',
    '{{ self._TemplateReference__context }}',
    '{{ self }}',
    '{{ lipsum.__globals__ }}',
    '{{ request }}',
    '{{ config }}',
    '{{ process }}',
    '{{ globalThis }}',
    '{% set x = d.__proto__ %}{{ x.y }}',
    '{% macro m() %}{% endmacro %}{{ m.__code__ }}',
    '{% macro m() %}{% endmacro %}{{ m.constructor("x") }}',
    '{% for i in [1] %}{{ loop.__class__ }}{% endfor %}',
    '{% for i in [1] %}{{ loop.constructor }}{% endfor %}',
    '{{ namespace(__proto__=1).constructor }}',
    "{{ l|sort(attribute='constructor.x') }}",
    "{{ l|groupby('__class__') }}",
    "{{ [d]|selectattr('constructor')|list }}",
  ])('%s is refused', (template) => {
    expect(() => render(template)).toThrow(expect.objectContaining({ name: 'RecipeError' }));
  });

  test('names of prototypes are keys like any other', () => {
    const yaml = '{"__proto__": {polluted: 1}, "constructor": 2, d: {"__proto__": 3}}';
    expect(render('{{ __proto__.polluted }} {{ constructor }} {{ d["__proto__"] }} {{ d.__proto__ }}', yaml)).toBe(
      '1 2 3 3',
    );
    expect(render("{% set x = {'__proto__': {'polluted': 1}} %}{{ x }}")).toBe("{'__proto__': {'polluted': 1}}");
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
