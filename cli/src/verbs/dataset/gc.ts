import { shownBytes } from '../../data/amount.ts';
import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { bucketName } from './dataset-name.ts';
import { withRepository } from './repository.ts';

/** Seconds in which an upload that is under way may still become a version. */
const graceSeconds = 86_400;

export const gc: Verb = {
  path: ['dataset', 'gc'],
  summary: 'Delete what no version of a bucket needs any more from the object store',
  description:
    'Uploads may go on meanwhile: what is found now is marked, and deleted by a run after the grace time. --orphans also deletes versions that no bucket of this cluster with that URL names: not while another cluster uses it.',
  arguments: [{ name: 'bucket', description: 'bucket; the default one when not given', optional: true }],
  options: [
    {
      flags: '--grace-seconds <number>',
      description: 'how long something must have been garbage; 0 is safe only while nobody writes',
      type: 'integer',
      default: graceSeconds,
    },
    {
      flags: '--rewrite-below <percent>',
      description: 'packs of which less than this is needed are stored anew without the rest; 0: none',
      type: 'integer',
      default: 50,
    },
    {
      flags: '--orphans',
      description: 'versions of uploads that never became known to the gateway too, if older than the grace time',
    },
  ],
  examples: [
    ['dataset gc robots', 'what was garbage for a day goes'],
    ['dataset gc robots --grace-seconds 0', 'at once, while nobody uploads'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const { host } = session;
    const client = await session.gateway();
    const bucket = await bucketName(session, client, input.args[0]);
    const path = `/api/bucket/${segment(bucket)}`;
    const { path: url } = await client.json<{ path: string }>({ path: `${path}/location` });
    const grace = input.integer('grace-seconds') ?? graceSeconds;
    const result = await withRepository(session, url, async (repository) => {
      let orphans = 0;
      if (input.flag('orphans')) {
        const before = host.now().getTime() - grace * 1000;
        const old: string[] = [];
        for await (const { manifest, created } of repository.versions())
          if (created.getTime() <= before) old.push(manifest);
        // Asked behind the list: what is stored later is in neither.
        const { manifests } = await client.json<{ manifests: string[] }>({ path: `${path}/manifests` });
        const known = new Set(manifests);
        for (const manifest of old) {
          if (known.has(manifest)) continue;
          // oxlint-disable-next-line no-await-in-loop
          await repository.delete(manifest);
          orphans++;
        }
      }
      const rewriteBelow = (input.integer('rewrite-below') ?? 50) / 100;
      const options = { graceSeconds: grace, rewriteBelow, signal: host.signal };
      return { orphans, ...(await repository.collectGarbage(options)) };
    });
    await printResult(session, input.format, {
      data: result,
      text: () =>
        `Deleted ${result.deletedObjects} objects with ${shownBytes(result.deletedBytes)}${result.orphans === 0 ? '' : ` and ${result.orphans} orphaned versions`}; ${shownBytes(result.keptBytes)} are kept${result.rewrittenPacks === 0 ? '' : `; ${result.rewrittenPacks} packs were stored anew`}`,
    });
  },
};
