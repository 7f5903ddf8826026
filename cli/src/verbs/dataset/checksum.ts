import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { contentsOf } from './contents.ts';
import { commitContents, withRepository } from './repository.ts';

export const checksum: Verb = {
  path: ['dataset', 'checksum'],
  summary: 'Compute the checksum that files would have as a version',
  description:
    'Equal to the checksum of `osmo dataset info` exactly if contents, names and permissions are. Nothing is uploaded; the temporary folder gets as much as the files take compressed, for a while.',
  arguments: [{ name: 'paths...', description: 'files, folders and URLs, as they would be uploaded' }],
  examples: [["dataset checksum './recordings/*'", 'of what `osmo dataset upload` with the same path would make']],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const contents = await contentsOf(
      session,
      input.args.map((text) => ({ text, into: '' })),
      () => true,
    );
    const folder = await mkdtemp(join(tmpdir(), 'osmo-checksum-'));
    const tidy = (): void => void rm(folder, { recursive: true, force: true });
    session.host.signal.addEventListener('abort', tidy, { once: true });
    try {
      const result = await withRepository(
        session,
        `file://${folder}`,
        (repository) => commitContents(session, repository, contents),
        { create: true },
      );
      const { manifest, files, bytes } = result;
      await printResult(session, input.format, {
        data: { checksum: manifest, files, size: bytes },
        text: () => manifest,
      });
    } finally {
      session.host.signal.removeEventListener('abort', tidy);
      await rm(folder, { recursive: true, force: true });
    }
  },
};
