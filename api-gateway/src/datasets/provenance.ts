import { type DatasetVersion, datasetVersionName } from '@osmo/crds';

/** Versions and what was made from what; names are those of the objects: `<dataset object>.<number>`. */
export interface ProvenanceGraph {
  versions: DatasetVersion[];
  edges: { from: string; to: string }[];
  /** There is more than was asked for. */
  truncated: boolean;
}

/** How the graph is walked; both give what the cache knows. */
export interface ProvenanceSource {
  get(name: string): DatasetVersion | undefined;
  /** Versions that were made from one. */
  madeFrom(name: string): readonly DatasetVersion[];
}

/**
 * What a version was made from, or what was made from it, breadth first. A version that is gone has edges and no entry.
 *
 * @param limit most versions, the first one included
 */
export function provenanceOf(
  source: ProvenanceSource,
  start: DatasetVersion,
  { direction, depth, limit }: { direction: 'backwards' | 'forwards'; depth: number; limit: number },
): ProvenanceGraph {
  const seen = new Map<string, DatasetVersion | undefined>([[start.metadata.name, start]]);
  const edges = new Map<string, { from: string; to: string }>();
  let truncated = false;
  let layer = [start];
  for (let step = 0; layer.length > 0; step++) {
    const next: DatasetVersion[] = [];
    for (const version of layer) {
      for (const edge of edgesAt(source, version, direction)) {
        const name = direction === 'backwards' ? edge.from : edge.to;
        if (!seen.has(name) && (step >= depth || seen.size >= limit)) {
          truncated = true;
          continue;
        }
        edges.set(`${edge.from} ${edge.to}`, edge);
        if (seen.has(name)) continue;
        const other = source.get(name);
        seen.set(name, other);
        if (other !== undefined) next.push(other);
      }
    }
    layer = next;
  }
  return { versions: [...seen.values()].filter((each) => each !== undefined), edges: [...edges.values()], truncated };
}

function edgesAt(
  source: ProvenanceSource,
  version: DatasetVersion,
  direction: 'backwards' | 'forwards',
): { from: string; to: string }[] {
  const { name } = version.metadata;
  if (direction === 'forwards') return source.madeFrom(name).map((other) => ({ from: name, to: other.metadata.name }));
  return (version.spec.provenance?.inputs ?? []).flatMap(({ dataset, version: number }) =>
    dataset === undefined || number === undefined ? [] : [{ from: datasetVersionName(dataset, number), to: name }],
  );
}
