import { parse } from 'yaml';

/** Annotation of an example that says how it ends. */
export const expectAnnotation = 'examples.osmo.dev/expect';

/** Annotation of an example that needs a default bucket for datasets: `bucket`. */
const needsAnnotation = 'examples.osmo.dev/needs';

/** How an example ends. */
export interface Expectation {
  phase: 'Completed' | 'Failed';
  reason?: string;
  /** Outcome of every task: `Completed`, `Upstream`, or a reason with an exit code if there is one (`Error 3`). */
  tasks: Readonly<Record<string, string>>;
}

/** What the demo needs to know of a task in the spec. */
export interface ExampleTask {
  name: string;
  inputs?: readonly { task?: { name: string } }[];
  count?: number;
  matrix?: readonly { values: readonly string[] }[];
}

/** A Workflow of `examples/`, ready to be applied. */
export interface Example {
  file: string;
  name: string;
  manifest: {
    apiVersion: string;
    kind: string;
    metadata: { name: string; annotations?: Record<string, string> };
    spec: { tasks?: readonly ExampleTask[]; groups?: readonly { tasks: readonly ExampleTask[] }[] };
  };
  expected: Expectation;
  needsBucket: boolean;
}

/**
 * Reads one example.
 *
 * @param file name for messages
 * @throws Error naming the file and the field when it isn't a Workflow or doesn't say how each of its tasks ends.
 */
export function parseExample(file: string, text: string): Example {
  const manifest = parse(text) as Example['manifest'];
  if (manifest.kind !== 'Workflow') throw new Error(`${file}: kind is ${manifest.kind}, want Workflow`);
  const said = manifest.metadata.annotations?.[expectAnnotation];
  if (said === undefined) throw new Error(`${file}: metadata.annotations has no ${expectAnnotation}`);
  const expected = parse(said) as Expectation;
  if (expected.phase !== 'Completed' && expected.phase !== 'Failed') {
    throw new Error(`${file}: ${expectAnnotation}: phase is ${String(expected.phase)}, want Completed or Failed`);
  }
  const names = taskNamesOf(manifest.spec);
  const missing = names.filter((name) => expected.tasks[name] === undefined);
  const unknown = Object.keys(expected.tasks).filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`${file}: ${expectAnnotation}: tasks lacks ${missing.join(', ')}`);
  if (unknown.length > 0) throw new Error(`${file}: ${expectAnnotation}: tasks names ${unknown.join(', ')}, unknown`);
  const needs = manifest.metadata.annotations?.[needsAnnotation];
  if (needs !== undefined && needs !== 'bucket')
    throw new Error(`${file}: ${needsAnnotation} is ${JSON.stringify(needs)}, want bucket`);
  return { file, name: manifest.metadata.name, manifest, expected, needsBucket: needs !== undefined };
}

/** The names of all tasks that a Workflow's spec makes, in the order in which they are written; groups have no instances here. */
export function taskNamesOf({ tasks, groups = [] }: Example['manifest']['spec']): string[] {
  return (tasks ?? groups.flatMap((group) => group.tasks)).flatMap(({ name, count, matrix }) => {
    const instances = count ?? matrix?.reduce((product, { values }) => product * values.length, 1);
    return instances === undefined ? [name] : Array.from({ length: instances }, (_, index) => `${name}-${index}`);
  });
}
