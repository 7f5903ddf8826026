import { Failure, usageFailure } from '../../failure.ts';
import type { GatewayClient } from '../../http/client.ts';
import type { Session } from '../../session.ts';
import type { Verb } from '../../verb.ts';
import { datasetName, type DatasetName } from './dataset-name.ts';
import type { Download } from './entry.ts';
import { eachVersion } from './repository.ts';

export const cat: Verb = {
  path: ['dataset', 'cat'],
  summary: 'Write a file of a version to standard output',
  description: 'All of it or a range: only what is needed for that is read from the store.',
  arguments: [
    { name: '[bucket/]name[:version]', description: 'dataset with a number or tag; the latest when not given' },
    { name: 'path', description: 'of the file in the version' },
  ],
  options: [
    {
      flags: '--range <first-last>',
      description: 'bytes from first to last, counted from 0; `100-` is from 100 on, `-100` the last 100',
    },
    {
      flags: '--through-gateway',
      description: "let the gateway read it, where this machine has no key of the bucket's store",
    },
  ],
  examples: [
    ['dataset cat arm-moves labels.csv', 'one file'],
    ['dataset cat arm-moves run-1/video.mp4 --range 0-1048575 > head.mp4', 'its first mebibyte'],
  ],
  async run(session, input) {
    const [text = '', path = ''] = input.args;
    const { host } = session;
    const range = rangeOf(input.text('range'));
    const client = await session.gateway();
    const dataset = await datasetName(session, client, text);
    if (input.flag('through-gateway')) return fromGateway(session, client, dataset, path, input.text('range'));
    const found = await client.json<Download>({ path: dataset.path, query: { tag: dataset.version } });
    if (found.versions.length !== 1) throw usageFailure(`${text}: is a collection; name one of its datasets`);
    await eachVersion(session, found, async (version) => {
      const file = await version.find(path);
      if (file?.kind !== 'file')
        throw usageFailure(`${text}: has no file ${JSON.stringify(path)}; 'osmo dataset inspect' lists them`);
      const { offset, length } = range(file.size);
      if (length === 0) return;
      for await (const bytes of version.read(path, { offset, length, signal: host.signal })) {
        host.out.write(bytes);
        // oxlint-disable-next-line no-await-in-loop
        await host.out.drained();
      }
    });
    return undefined;
  },
};

async function fromGateway(
  { host }: Session,
  client: GatewayClient,
  { path: at, version }: DatasetName,
  path: string,
  range: string | undefined,
): Promise<void> {
  const headers = range === undefined ? {} : { range: `bytes=${range}` };
  try {
    for await (const bytes of client.bytes({ path: `${at}/file-content`, query: { path, version }, headers })) {
      host.out.write(bytes);
      await host.out.drained();
    }
  } catch (error) {
    // What is asked for begins behind the end of the file: nothing, as from the store.
    if (!(error instanceof Failure && error.code === 416)) throw error;
  }
}

/** Reads `FIRST-LAST`, `FIRST-` or `-COUNT`. @throws Failure */
export function rangeOf(text: string | undefined): (size: number) => { offset: number; length: number } {
  if (text === undefined) return (size) => ({ offset: 0, length: size });
  const [, first = '', last = ''] = /^(\d{0,15})-(\d{0,15})$/.exec(text) ?? [];
  const wrong = first === '' ? last === '' : last !== '' && Number(last) < Number(first);
  if (wrong) throw usageFailure(`--range ${JSON.stringify(text)}: must be FIRST-LAST, FIRST- or -COUNT, in bytes`);
  return (size) => {
    const offset = first === '' ? Math.max(0, size - Number(last)) : Math.min(size, Number(first));
    const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
    return { offset, length: end - offset };
  };
}
