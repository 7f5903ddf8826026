import { CredentialTypes, Labels } from '@osmo/crds';
import { listed, problem, type Problem } from '../graph/problem.ts';
import { didYouMean, type SuggestionBudget } from '../graph/suggestion.ts';
import type { WrittenTask } from '../graph/written-tasks.ts';

/**
 * Credentials that the namespace doesn't have, or that are not for tasks to name: logins of registries and access to
 * storage apply by themselves.
 *
 * @param credentials types by name, as `AdmissionWorld.credentials`
 */
export function credentialProblems(
  tasks: readonly WrittenTask[],
  credentials: ReadonlyMap<string, string>,
  budget: SuggestionBudget,
): Problem[] {
  const usable = [...credentials].filter(([, type]) => type === CredentialTypes.generic).map(([name]) => name);
  const allowed = listed(usable.toSorted());
  const details = new Map<string, string | undefined>();
  const detailOf = (name: string): string | undefined => {
    if (!details.has(name)) details.set(name, credentialDetail(name, credentials, usable, allowed, budget));
    return details.get(name);
  };
  return tasks.flatMap(({ template, path }) =>
    (template.credentials ?? []).flatMap(({ name }, index) => {
      const detail = detailOf(name);
      return detail === undefined ? [] : [problem('InvalidSpec', `${path}.credentials[${index}].name`, name, detail)];
    }),
  );
}

function credentialDetail(
  name: string,
  credentials: ReadonlyMap<string, string>,
  usable: readonly string[],
  allowed: string,
  budget: SuggestionBudget,
): string | undefined {
  const type = credentials.get(name);
  if (type === CredentialTypes.generic) return undefined;
  if (type === undefined) {
    const what = `no credential of this namespace; allowed: ${allowed}`;
    const how = `make it first: a Secret with the label ${Labels.credentialType}=${CredentialTypes.generic}`;
    return `${what}${didYouMean(name, usable, budget) || `; ${how}`}`;
  }
  if (type === CredentialTypes.registry || type === CredentialTypes.data)
    return `a credential of type ${JSON.stringify(type)}, which applies by itself; remove it. Allowed are those of type ${JSON.stringify(CredentialTypes.generic)}: ${allowed}`;
  return `a credential of type ${JSON.stringify(type)}; allowed are those of type ${JSON.stringify(CredentialTypes.generic)}: ${allowed}`;
}
