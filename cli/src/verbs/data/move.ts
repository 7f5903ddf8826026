import type { TransferResult } from '@osmo/storage/transfer';
import type { Moved } from '../../data/progress.ts';
import { ProgressLine, shownResult } from '../../data/progress.ts';
import { keepBenchmark } from '../../data/options.ts';
import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Session } from '../../session.ts';
import type { Input } from '../../verb.ts';

/** Runs a transfer of files with its progress, and prints what it came to. */
export async function moveFiles(
  session: Session,
  input: Input,
  { deed, done, hint }: { deed: string; done: string; hint: string },
  work: (onProgress: (moved: Moved) => void) => Promise<TransferResult>,
): Promise<void> {
  const { host } = session;
  const line = new ProgressLine(host, deed);
  const onAbort = (): void => {
    line.end();
    session.note(hint);
  };
  host.signal.addEventListener('abort', onAbort, { once: true });
  let result: TransferResult;
  try {
    result = await work((moved) => line.update(moved));
  } catch (error) {
    const { TransferError } = await import('@osmo/storage/transfer');
    throw error instanceof TransferError ? usageFailure(error.message) : error;
  } finally {
    host.signal.removeEventListener('abort', onAbort);
    line.end();
  }
  const { seconds } = line;
  keepBenchmark(session, input, input.command, { ...result, seconds });
  const { ignored, skipped } = result;
  if (ignored.count > 0) {
    const more = ignored.count > ignored.first.length ? ' …' : '';
    session.note(`Left out ${ignored.count} that are no files: ${ignored.first.slice(0, 5).join(', ')}${more}`);
  }
  await printResult(session, input.format, {
    data: { files: result.files, bytes: result.bytes, skipped, ignored: ignored.count, seconds },
    text: () => `${done} ${shownResult(result, seconds)}${skipped === 0 ? '' : `; ${skipped} were there already`}`,
  });
}
