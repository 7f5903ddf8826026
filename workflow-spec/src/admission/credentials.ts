import { CredentialTypes, isPodSecret, isUserSecret, Labels, maySubmitterName } from '@osmo/crds';
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
  const usable = [...credentials]
    .filter(([name, type]) => type === CredentialTypes.generic && !isUserSecret(name))
    .map(([name]) => name);
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

/**
 * Credentials of users that a workflow names without being theirs, and Secrets of pods: as variables and files, and for data. Whose one is shows in the
 * name of its Secret, so that nothing has to be looked up.
 *
 * @param submitter as the apiserver knows them
 */
export function foreignCredentialProblems(tasks: readonly WrittenTask[], submitter: string | undefined): Problem[] {
  const allowed = 'name one of your own, or one that the namespace shares';
  const detailOf = (name: string): string =>
    `${isPodSecret(name) ? 'belongs to one pod of a task' : 'the credential of another user'}; ${allowed}`;
  const refused = (path: string, name: string | undefined): Problem[] =>
    name === undefined || maySubmitterName(submitter, name) ? [] : [problem('InvalidSpec', path, name, detailOf(name))];
  return tasks.flatMap(({ template, path }) => {
    const { credentials = [], inputs = [], outputs = [], checkpoints = [] } = template;
    return [
      ...credentials.flatMap(({ name }, index) => refused(`${path}.credentials[${index}].name`, name)),
      ...inputs.flatMap(({ url }, index) => refused(`${path}.inputs[${index}].url.credential`, url?.credential)),
      ...outputs.flatMap(({ url }, index) => refused(`${path}.outputs[${index}].url.credential`, url?.credential)),
      ...checkpoints.flatMap(({ credential }, index) =>
        refused(`${path}.checkpoints[${index}].credential`, credential),
      ),
    ];
  });
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
