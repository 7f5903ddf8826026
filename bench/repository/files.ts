import { createCipheriv } from 'node:crypto';
import { appendFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MiB = 1024 * 1024;
/** Large files of what can't be compressed, of what can, and small ones. */
const shape = { dense: 3, sparse: 2, largeBytes: 64 * MiB, small: 4000, smallBytes: 8 * 1024 };

/** Makes the same files in every run. @returns bytes */
export async function fill(folder: string): Promise<number> {
  await mkdir(join(folder, 'small'), { recursive: true });
  const chance = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  for (let number = 0; number < shape.dense; number++) {
    await writeFile(join(folder, `dense-${number}`), chance.update(Buffer.alloc(shape.largeBytes)));
  }
  for (let number = 0; number < shape.sparse; number++) {
    const lines: string[] = [];
    for (let size = 0; size < shape.largeBytes;) {
      const line = `{"time":${lines.length},"joint":"${chance.update(Buffer.alloc(6)).toString('hex')}","ok":true}\n`;
      lines.push(line);
      size += line.length;
    }
    await writeFile(join(folder, `lines-${number}`), lines.join(''));
  }
  for (let number = 0; number < shape.small; number++) {
    await writeFile(join(folder, `small/${number}`), chance.update(Buffer.alloc(shape.smallBytes)));
  }
  return (shape.dense + shape.sparse) * shape.largeBytes + shape.small * shape.smallBytes;
}

/** Changes one percent: a place in each large file, by overwriting and appending, and every hundredth small one. */
export async function edit(folder: string): Promise<void> {
  const chance = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  const changed = Math.floor(shape.largeBytes / 100);
  for (let number = 0; number < shape.dense; number++) {
    const file = await open(join(folder, `dense-${number}`), 'r+');
    await file.write(chance.update(Buffer.alloc(changed)), 0, changed, 10 * MiB * (number + 1));
    await file.close();
  }
  for (let number = 0; number < shape.sparse; number++) {
    await appendFile(join(folder, `lines-${number}`), chance.update(Buffer.alloc(changed)));
  }
  for (let number = 0; number < shape.small; number += 100) {
    await writeFile(join(folder, `small/${number}`), chance.update(Buffer.alloc(shape.smallBytes)));
  }
}
