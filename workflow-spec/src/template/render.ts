import { RecipeError } from '../problem.ts';
import { PythonError, type Value } from '../python/value.ts';
import { Budget, defaultRenderLimits, type RenderLimits } from './budget.ts';
import type { Environment } from './environment.ts';
import { Evaluator } from './evaluator.ts';
import { jsonFilters } from './filters/json-filter.ts';
import { numberFilters } from './filters/number-filters.ts';
import { selectingFilters } from './filters/selecting-filters.ts';
import { sequenceFilters } from './filters/sequence-filters.ts';
import { textFilters } from './filters/text-filters.ts';
import { globals } from './globals.ts';
import { MappedOutput } from './output.ts';
import { parseTemplate } from './parser.ts';
import { Renderer } from './renderer.ts';
import { Scope } from './scope.ts';
import { tests } from './tests.ts';

/** Everything that a template of a recipe may use. */
export const environment: Environment = {
  filters: new Map([...textFilters, ...numberFilters, ...sequenceFilters, ...selectingFilters, ...jsonFilters]),
  tests,
  globals,
};

/** A rendered template. */
export interface Rendered {
  readonly text: string;
  /** Offset in the template of what stands at an offset of the text. */
  sourceOffset(offset: number): number;
}

/**
 * Renders a template as Jinja2 does with its sandbox and StrictUndefined.
 *
 * @param source text whose lines end with `\n`; one line end at its very end is dropped
 * @throws RecipeError with the offset in `source`
 */
export function renderTemplate(
  source: string,
  values: ReadonlyMap<string, Value>,
  limits: RenderLimits = defaultRenderLimits,
): Rendered {
  const text = source.endsWith('\n') ? source.slice(0, -1) : source;
  const statements = tooDeepRefused(
    () => parseTemplate(text, environment),
    () => undefined,
  );
  const budget = new Budget(limits);
  const evaluator = new Evaluator({ budget, environment });
  const scope = new Scope();
  for (const [name, value] of values) scope.set(name, value);
  const output = new MappedOutput(budget);
  tooDeepRefused(
    () => new Renderer(evaluator).render(statements, scope, output),
    () => evaluator.at,
  );
  return { text: output.text, sourceOffset: (offset) => output.sourceOffset(offset) };
}

function tooDeepRefused<T>(run: () => T, at: () => number | undefined): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PythonError) throw new RecipeError(explain(error), at());
    // The stack is full, or a text or list is longer than JavaScript can make.
    if (error instanceof RangeError)
      throw new RecipeError('the template is nested too deeply or makes a value that is too large', at());
    throw error;
  }
}

function explain({ type, message }: PythonError): string {
  if (type === 'UndefinedError') {
    const name = /^'(.*)' is undefined$/.exec(message)?.[1];
    return name === undefined
      ? message
      : `${message}; give '${name}' a value in default-values or with --set ${name}=…`;
  }
  return type === 'LimitError' || type === 'TemplateRuntimeError' ? message : `${type}: ${message}`;
}
