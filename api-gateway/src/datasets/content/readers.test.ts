import { expect, test } from '@jest/globals';
import { mostReaders, Readers } from './readers.ts';

test('readers are bounded for each caller and for all, and make room when they end', () => {
  const readers = new Readers();
  const ada = Array.from({ length: mostReaders.caller }, () => readers.begin('ada'));
  expect(() => readers.begin('ada')).toThrow(expect.objectContaining({ status: 429, headers: { 'retry-after': '1' } }));
  const ben = Array.from({ length: mostReaders.all - mostReaders.caller }, () => readers.begin('ben'));
  expect(() => readers.begin('eve')).toThrow('of everybody');
  ada[0]?.();
  ada[0]?.();
  const eve = readers.begin('eve');
  expect(() => readers.begin('eve')).toThrow('of everybody');
  for (const end of [...ada, ...ben, eve]) end();
  for (let again = 0; again < mostReaders.caller; again++) readers.begin('ada');
});
