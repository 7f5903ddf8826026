import { readDatasetReference } from '@osmo/crds';
import type { TaskInput, TaskOutput } from '@osmo/crds';
import { profileOf } from '@osmo/storage/profile';
import { fileFilterProblem } from './file-filter.ts';
import type { GraphTask } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

type Finding = Problem | undefined;

/** What is wrong with inputs, outputs and checkpoints by themselves. Whether a bucket or a version exists is another matter. */
export function dataProblems(tasks: readonly GraphTask[]): Problem[] {
  return tasks
    .flatMap(({ template, path }) => [
      ...(template.inputs ?? []).flatMap((input, index) => inputFindings(input, `${path}.inputs[${index}]`)),
      ...(template.outputs ?? []).flatMap((output, index) => outputFindings(output, `${path}.outputs[${index}]`)),
      ...(template.checkpoints ?? []).flatMap(({ url, regex }, index) => [
        urlFinding(url, `${path}.checkpoints[${index}].url`),
        filterFinding(regex, `${path}.checkpoints[${index}].regex`),
      ]),
    ])
    .filter((found) => found !== undefined);
}

function inputFindings({ task, url, dataset }: TaskInput, path: string): Finding[] {
  return [
    filterFinding(task?.regex, `${path}.task.regex`),
    urlFinding(url?.url, `${path}.url.url`),
    filterFinding(url?.regex, `${path}.url.regex`),
    nameFinding(dataset?.name, `${path}.dataset.name`),
    folderFinding(dataset?.path, `${path}.dataset.path`),
    filterFinding(dataset?.regex, `${path}.dataset.regex`),
  ];
}

function outputFindings({ url, dataset, updateDataset }: TaskOutput, path: string): Finding[] {
  const files = (of: TaskOutput['dataset'] | TaskOutput['updateDataset'], at: string): Finding[] =>
    (['metadata', 'labels'] as const).flatMap((field) =>
      (of?.[field] ?? []).map((file, index) => folderFinding(file, `${at}.${field}[${index}]`)),
    );
  return [
    urlFinding(url?.url, `${path}.url.url`),
    filterFinding(url?.regex, `${path}.url.regex`),
    nameFinding(dataset?.name, `${path}.dataset.name`) ?? tagFinding(dataset?.name, `${path}.dataset.name`),
    folderFinding(dataset?.path, `${path}.dataset.path`),
    filterFinding(dataset?.regex, `${path}.dataset.regex`),
    ...files(dataset, `${path}.dataset`),
    nameFinding(updateDataset?.name, `${path}.updateDataset.name`),
    ...(updateDataset?.paths ?? []).map((each, index) => folderFinding(each, `${path}.updateDataset.paths[${index}]`)),
    ...files(updateDataset, `${path}.updateDataset`),
  ];
}

/** Tokens stand for texts that aren't known yet. */
const hasTokens = (text: string): boolean => text.includes('{');

function urlFinding(url: string | undefined, path: string): Finding {
  if (url === undefined || hasTokens(url)) return undefined;
  try {
    profileOf(url);
    return undefined;
  } catch (error) {
    // The URL comes before the words already.
    const words = (error as Error).message.replace(/^store URL "(?:[^"\\]|\\.)*": /, '');
    return problem('InvalidSpec', path, url, words);
  }
}

function filterFinding(regex: string | undefined, path: string): Finding {
  const detail = regex === undefined ? undefined : fileFilterProblem(regex);
  return detail === undefined ? undefined : problem('InvalidSpec', path, regex, detail);
}

function nameFinding(name: string | undefined, path: string): Finding {
  if (name === undefined || hasTokens(name) || readDatasetReference(name) !== undefined) return undefined;
  const detail =
    "no name of a dataset; allowed is '[bucket/]name[:version or tag]' where bucket and name have at most 63 letters, digits, '-' and '_' and start and end with a letter or digit";
  return problem('InvalidSpec', path, name, detail);
}

function tagFinding(name: string | undefined, path: string): Finding {
  const version = name === undefined ? undefined : readDatasetReference(name)?.version;
  if (version === undefined || !/^[0-9]+$/.test(version)) return undefined;
  const detail = 'a new version gets the next number by itself; leave the number out, or name a tag';
  return problem('InvalidSpec', path, name, detail);
}

function folderFinding(folder: string | undefined, path: string): Finding {
  if (folder === undefined || hasTokens(folder)) return undefined;
  if (!folder.startsWith('/') && !folder.split('/').includes('..')) return undefined;
  return problem(
    'InvalidSpec',
    path,
    folder,
    "leads out of the data; allowed is a path below it, without a leading '/' and '..'",
  );
}
