import { expect, test } from '@jest/globals';
import { ProgressLine, shownResult } from './progress.ts';

function set(isTTY: boolean, columns = 0) {
  const written: string[] = [];
  let ms = 0;
  const err = {
    isTTY,
    columns,
    write: (text: string | Uint8Array) => void written.push(String(text)),
    drained: async () => undefined,
  };
  const line = new ProgressLine({ err, now: () => new Date(ms) }, 'Uploading');
  return { line, written, wait: (more: number) => (ms += more) };
}

test('a terminal has one line, that changes ten times a second at most and goes at the end', () => {
  const { line, written, wait } = set(true);
  line.update({ files: 0, bytes: 0, totalFiles: 4, totalBytes: 4096 });
  wait(50);
  line.update({ files: 1, bytes: 500, totalFiles: 4, totalBytes: 4096 });
  wait(950);
  line.update({ files: 1, bytes: 1024, totalFiles: 4, totalBytes: 4096 });
  line.end();
  expect(written).toEqual([
    '\rUploading: 0/4 files, 0 B of 4.0 KiB, 0%, 0 B/s',
    '\rUploading: 1/4 files, 1.0 KiB of 4.0 KiB, 25%, 1.0 KiB/s, 3s left',
    `\r${' '.repeat(65)}\r`,
  ]);
});

test('a line that is too long for the terminal is cut', () => {
  const { line, written } = set(true, 20);
  line.update({ files: 1, bytes: 1 });
  expect(written).toEqual(['\rUploading: 1 files,']);
});

test('where nobody looks there is a line every five seconds, and the rate is that of the last ten', () => {
  const { line, written, wait } = set(false);
  for (let second = 1; second <= 21; second++) {
    wait(1000);
    line.update({ files: second, bytes: second <= 10 ? second * 1024 : 10 * 1024 });
  }
  line.end();
  expect(written).toEqual([
    'Uploading: 5 files, 5.0 KiB, 1.0 KiB/s\n',
    'Uploading: 10 files, 10.0 KiB, 1.0 KiB/s\n',
    'Uploading: 15 files, 10.0 KiB, 512 B/s\n',
    'Uploading: 20 files, 10.0 KiB, 0 B/s\n',
  ]);
});

test('a result is told with its rate', () => {
  expect(shownResult({ files: 1, bytes: 3 * 1024 * 1024 }, 2)).toBe('1 file, 3.0 MiB, in 2s (1.5 MiB/s)');
  expect(shownResult({ files: 2, bytes: 0 }, 0)).toBe('2 files, 0 B, in 0s');
});
