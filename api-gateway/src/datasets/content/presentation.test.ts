import { validateHeaderValue } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { presentationOf } from './presentation.ts';

describe('a stored file', () => {
  test.each([
    ['a/b.png', 'image/png', 'inline; filename="b.png"; filename*=UTF-8\'\'b.png'],
    ['B.JPG', 'image/jpeg', 'inline; filename="B.JPG"; filename*=UTF-8\'\'B.JPG'],
    ['notes.md', 'text/plain; charset=utf-8', 'inline; filename="notes.md"; filename*=UTF-8\'\'notes.md'],
    // What could run in a browser is kept, never shown.
    ['x.html', 'application/octet-stream', 'attachment; filename="x.html"; filename*=UTF-8\'\'x.html'],
    ['x.svg', 'application/octet-stream', 'attachment; filename="x.svg"; filename*=UTF-8\'\'x.svg'],
    ['x.pdf', 'application/octet-stream', 'attachment; filename="x.pdf"; filename*=UTF-8\'\'x.pdf'],
    ['x.constructor', 'application/octet-stream', expect.stringMatching(/^attachment/)],
    ['png', 'application/octet-stream', expect.stringMatching(/^attachment/)],
    ['a"b\\c\r\n.txt', 'text/plain; charset=utf-8', expect.stringContaining('filename="a_b_c__.txt"')],
    ['grün.csv', 'text/plain; charset=utf-8', expect.stringContaining("filename*=UTF-8''gr%C3%BCn.csv")],
  ])('%j is %s', (name, type, disposition) => {
    const shown = presentationOf(name);
    expect([shown.type, shown.headers['content-disposition']]).toEqual([type, disposition]);
    expect(shown.headers['content-security-policy']).toContain('sandbox');
    expect(shown.headers['x-content-type-options']).toBe('nosniff');
  });

  test('has headers that can be sent, whatever its name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        for (const [header, value] of Object.entries(presentationOf(name).headers)) validateHeaderValue(header, value);
      }),
    );
  });
});
