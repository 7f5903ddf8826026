import { shownBytes } from '../../data/amount.ts';
import { printResult } from '../../output/print.ts';
import { table } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';

/** A bucket, in the gateway's shape. */
export interface BucketEntry {
  path: string;
  description: string;
  mode: string;
  default_cred: boolean;
  ready: boolean | null;
  message: string;
  datasets: number;
  versions: number;
  size: number;
  stored_size: number;
}

export const list: Verb = {
  path: ['bucket', 'list'],
  summary: 'List buckets',
  options: [{ flags: '--namespace <name>', description: "only in this namespace; the context's when not given" }],
  examples: [
    ['bucket list', 'the default one has a star'],
    ['bucket list -o wide', 'with what they hold'],
  ],
  formats: ['wide', 'json', 'yaml', 'name'],
  async run(session, input) {
    const client = await session.gateway();
    const namespace = input.text('namespace') ?? (await session.current()).context.namespace;
    const answer = await client.json<{ buckets: Record<string, BucketEntry>; default: string | null }>({
      path: '/api/bucket',
      query: { namespace },
    });
    const buckets = Object.entries(answer.buckets);
    const columns = [
      { title: 'Bucket' },
      { title: 'Description' },
      { title: 'Location' },
      { title: 'Mode' },
      { title: 'Default Cred' },
    ];
    const more = [
      { title: 'Datasets', right: true },
      { title: 'Versions', right: true },
      { title: 'Size', right: true },
      { title: 'Stored', right: true },
      { title: 'State' },
    ];
    await printResult(session, input.format, {
      data: answer,
      names: buckets.map(([name]) => name),
      text: (wide) =>
        table(
          wide ? [...columns, ...more] : columns,
          buckets.map(([name, bucket]) => [
            name === answer.default ? `${name}*` : name,
            bucket.description || '-',
            bucket.path,
            bucket.mode,
            bucket.default_cred ? 'Yes' : 'No',
            String(bucket.datasets),
            String(bucket.versions),
            shownBytes(bucket.size),
            shownBytes(bucket.stored_size),
            bucket.ready === false ? bucket.message || 'not ready' : bucket.ready === true ? 'ready' : '-',
          ]),
        ),
    });
  },
};
