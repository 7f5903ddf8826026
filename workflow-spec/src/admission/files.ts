import { posix } from 'node:path';
import { Paths } from '@osmo/crds';
import { problem, type Problem } from '../graph/problem.ts';
import type { WrittenTask } from '../graph/written-tasks.ts';

/** The files of a task are one Secret, which can't hold more. */
const mostBytes = 1024 * 1024;

const base64Syntax = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Contents that can't be placed in a container. Paths are `placementProblems`'. */
export function fileProblems({ template: { files = [] }, path }: WrittenTask): Problem[] {
  let total = 0;
  const problems: Problem[] = [];
  for (const [index, { contents, base64 }] of files.entries()) {
    // Tokens stand for longer or shorter texts: what is made of them is measured when the Task is.
    if (contents.includes('{{')) continue;
    const compact = base64 ? contents.replaceAll(/\s+/g, '') : contents;
    if (base64 && !base64Syntax.test(compact)) {
      const detail = 'not base64, as base64: true says; encode it, or leave base64 out';
      problems.push(problem('InvalidSpec', `${path}.files[${index}].contents`, excerpt(contents), detail));
    }
    total += Buffer.byteLength(compact, base64 ? 'base64' : 'utf8');
  }
  if (total > mostBytes) {
    const detail = `so many bytes in all; at most ${mostBytes} are allowed: move what is large into an image or into object storage`;
    problems.push(problem('InvalidSpec', `${path}.files`, total, detail));
  }
  return problems;
}

/** Enough to find it by; more might be a secret. */
const excerpt = (contents: string): string => (contents.length <= 8 ? contents : `${contents.slice(0, 8)}…`);

/** A file or a folder that is put into the container. */
interface Placed {
  readonly at: string;
  readonly field: string;
  readonly value: string;
  readonly isFile: boolean;
  /** A folder that nothing can be written to. */
  readonly readOnly: boolean;
}

/**
 * Files, mounts and credentials of one task that are in each other's way: a pod with two mounts at one place is refused,
 * and below a file or a credential nothing can be placed.
 */
export function placementProblems(task: WrittenTask): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, Placed>();
  const placed = placedBy(task);
  for (const each of placed) {
    const detail = pathDetail(each) ?? clash(each, taken.get(each.at));
    if (detail !== undefined) problems.push(problem('InvalidSpec', each.field, each.value, detail));
    if (!taken.has(each.at)) taken.set(each.at, each);
  }
  for (const each of placed) {
    const above = obstacleAbove(each.at, taken);
    if (above === undefined) continue;
    const what = above.isFile ? 'is a file' : 'is a credential, which nothing can be added to';
    problems.push(
      problem('InvalidSpec', each.field, each.value, `${above.field} ${what}; place it outside of ${above.at}`),
    );
  }
  return problems;
}

function placedBy({ template, path }: WrittenTask): Placed[] {
  const { volumeMounts = [], credentials = [], files = [] } = template;
  return [
    ...volumeMounts.map(({ mountPath }, index) =>
      placedAt(mountPath, `${path}.volumeMounts[${index}].mountPath`, { isFile: false, readOnly: false }),
    ),
    ...credentials.flatMap(({ mountPath }, index) =>
      mountPath === undefined
        ? []
        : placedAt(mountPath, `${path}.credentials[${index}].mountPath`, { isFile: false, readOnly: true }),
    ),
    ...files.map((file, index) =>
      placedAt(file.path, `${path}.files[${index}].path`, { isFile: true, readOnly: false }),
    ),
  ];
}

function placedAt(value: string, field: string, kind: Pick<Placed, 'isFile' | 'readOnly'>): Placed {
  const normal = posix.normalize(value);
  return { at: normal.length > 1 ? normal.replace(/\/$/, '') : normal, field, value, ...kind };
}

function pathDetail({ at, value, isFile }: Placed): string | undefined {
  if (at === '/') return 'the root folder can not be replaced; name a folder or file below it';
  if (isFile && value.endsWith('/')) return 'names a folder; add the name of the file';
  const isReserved = at === Paths.reserved || at.startsWith(`${Paths.reserved}/`);
  if (isFile && isReserved && !at.startsWith(`${Paths.output}/`))
    return `${Paths.reserved} belongs to the product; below ${Paths.output}/ files are allowed`;
  if (at === Paths.output || at === Paths.input)
    return 'the task has its inputs and outputs there; take another folder';
  return undefined;
}

function clash({ at }: Placed, other: Placed | undefined): string | undefined {
  return other === undefined ? undefined : `${other.field} is at ${at} too; each place can be taken once`;
}

/** The file or credential that a path leads through, if it does. */
function obstacleAbove(path: string, taken: ReadonlyMap<string, Placed>): Placed | undefined {
  for (let folder = posix.dirname(path); folder !== '/' && folder !== '.'; folder = posix.dirname(folder)) {
    const above = taken.get(folder);
    if (above !== undefined && (above.isFile || above.readOnly)) return above;
  }
  return undefined;
}
