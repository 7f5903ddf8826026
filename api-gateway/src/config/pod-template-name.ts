import { ConfigProblem, type ConfigField } from './config-fields.ts';
import { readTexts, withField } from './values.ts';

/** What pools and platforms have in common: at most one pod template, in the resource itself. */
interface HasTemplate {
  podTemplate?: unknown;
}

/**
 * The list of names of pod templates. Upstream keeps templates on their own; here a pool or platform holds one, which has the name of
 * its holder. To leave the name out takes the template away.
 */
export function templateField<S extends HasTemplate>(field: string, name: string): ConfigField<S> {
  return inlineField(field, name, 'podTemplate', `pod template: write it with PUT /api/configs/pod_template/${name}`);
}

/** The list of names of something that a resource holds itself, under its own name. */
export function inlineField<S extends object>(field: string, name: string, key: keyof S, what: string): ConfigField<S> {
  return {
    name: field,
    view: (spec) => (spec[key] === undefined ? [] : [name]),
    apply(spec, value, path) {
      const names = readTexts(value, path) ?? [];
      const other = names.find((each) => each !== name);
      if (other !== undefined) {
        throw new ConfigProblem(
          path,
          `${JSON.stringify(other.slice(0, 128))}: must be ${name} or nothing; it holds its own ${what}`,
        );
      }
      if (names.length > 0 && spec[key] === undefined) {
        throw new ConfigProblem(path, `${name}: there is none yet; it holds its own ${what}`);
      }
      return names.length > 0 ? spec : withField(spec, key, undefined);
    },
  };
}
