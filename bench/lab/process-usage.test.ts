import { expect, test } from '@jest/globals';
import { cpuSecondsOf, peakRssOf, rssOf, usageOf } from './process-usage.ts';

test('the name of a program can not shift the fields', () => {
  const rest = 'S 1 2 2 0 -1 4194304 900 0 0 0 250 50 0 0 20 0 11 0 100 1000 200';
  expect(cpuSecondsOf(`42 (node) ${rest}`)).toBe(3);
  expect(cpuSecondsOf(`42 (a (b) 9 9) ${rest}`)).toBe(3);
});

test('the peak is the high-water mark, in bytes', () => {
  const status = 'Name:\tnode\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n';
  expect([peakRssOf(status), rssOf(status)]).toEqual([2048 * 1024, 1024 * 1024]);
});

test('sees this process as the process sees itself', () => {
  const { cpuSeconds, peakRssBytes } = usageOf(process.pid);
  const { user, system } = process.cpuUsage();
  expect(Math.abs(cpuSeconds - (user + system) / 1e6)).toBeLessThan(0.5);
  expect(peakRssBytes).toBeGreaterThanOrEqual(process.memoryUsage.rss() / 2);
});
