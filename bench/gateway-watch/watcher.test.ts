import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventReader } from './watcher.ts';

test('events are found once, wherever the text is cut', () => {
  const event = fc.constantFrom('SYNCED', 'MODIFIED', 'ADDED', 'DELETED');
  fc.assert(
    fc.property(fc.array(event), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (events, sizes) => {
      const text = events.map((each) => `event: ${each}\ndata: {"event": "x"}\n\n`).join('');
      const found: string[] = [];
      const read = eventReader((what) => found.push(what));
      for (let at = 0; at < text.length;) {
        const size = sizes.next().value as number;
        read(text.slice(at, at + size));
        at += size;
      }
      expect(found).toEqual(events.filter((each) => each === 'SYNCED' || each === 'MODIFIED'));
    }),
  );
});
