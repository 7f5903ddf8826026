import { describe, expect, test } from '@jest/globals';
import { byteQuantity, durationSeconds, recipeBytes, recipeDuration } from './amounts.ts';

describe('amounts of bytes', () => {
  test.each([
    ['8G', '8Gi'],
    ['8Gi', '8Gi'],
    ['8GiB', '8Gi'],
    ['1.50T', '1.5Ti'],
    ['512M', '512Mi'],
    ['4K', '4Ki'],
    ['100B', '100'],
    ['1073741824', '1073741824'],
    ['10.5', '11'],
    ['0.0001Ki', '1'],
    ['007Gi', '7Gi'],
  ])('%s is %s', (text, quantity) => {
    expect(byteQuantity(text)).toBe(quantity);
  });

  test.each(['', '8X', '8 Gi', '-1', 'Gi', '8m', '1e3', '8GB', '1.Gi', 'NaN'])('%j is none', (text) => {
    expect(byteQuantity(text)).toBeUndefined();
  });

  test.each([
    ['8Gi', '8Gi'],
    ['1k', '1000'],
    ['1.5M', '1500000'],
    [1024, '1024'],
  ])('%s is written as %s', (quantity, text) => {
    expect(recipeBytes(quantity)).toBe(text);
  });
});

describe('durations', () => {
  test.each([
    ['30m', 1800],
    ['2h', 7200],
    ['7d', 604_800],
    ['90s', 90],
    ['1500ms', 2],
    ['10us', 1],
    ['45', 45],
    ['0.5', 1],
    ['PT1H30M', 5400],
    ['P1DT2S', 86_402],
    ['P2W', 1_209_600],
    ['0s', 0],
  ])('%s is %s seconds', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  test.each(['', '10h5m', 'P', 'PT', 'P1Y', '-5s', '1w', '1 h', '1.5h', 'h'])('%j is none', (text) => {
    expect(durationSeconds(text)).toBeUndefined();
  });

  test.each([
    [86_400, '1d'],
    [90, '90s'],
    [5400, '90m'],
    [7200, '2h'],
  ])('%s seconds are written as %s', (seconds, text) => {
    expect(recipeDuration(seconds)).toBe(text);
    expect(durationSeconds(text)).toBe(seconds);
  });
});
