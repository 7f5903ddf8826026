import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../usage-error.ts';
import { defaultPort, parseBarrierSettings } from './settings.ts';

const right = {
  group: '5f0c4f7e-6a52',
  epoch: '0.3',
  name: 'peer-1',
  size: '4',
  'lead-host': 'lead.osmo-0123456789abcdef',
};
const argv = (changes: Record<string, string> = {}): string[] =>
  Object.entries({ ...right, ...changes }).map(([flag, value]) => `--${flag}=${value}`);

describe('the arguments of barrier', () => {
  test('of a task', () =>
    expect(parseBarrierSettings(argv())).toEqual({
      group: '5f0c4f7e-6a52',
      epoch: '0.3',
      name: 'peer-1',
      size: 4,
      lead: false,
      leadHost: 'lead.osmo-0123456789abcdef',
      port: defaultPort,
    }));
  test('of the lead', () =>
    expect(parseBarrierSettings([...argv({ port: '7' }), '--lead'])).toMatchObject({ lead: true, port: 7 }));

  test.each([
    ['group', ''],
    ['group', 'a b'],
    ['epoch', 'x\n'],
    ['name', 'n'.repeat(254)],
    ['name', '.'],
    ['lead-host', 'a/b'],
    ['size', '0'],
    ['size', '-1'],
    ['size', '2.5'],
    ['size', ''],
    ['port', '65536'],
  ])('--%s %j is refused by name', (flag, value) => {
    const parse = () => parseBarrierSettings(argv({ [flag]: value }));
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(`--${flag} ${JSON.stringify(value)}`);
  });
  test('an unknown flag is refused', () =>
    expect(() => parseBarrierSettings([...argv(), '--colour=red'])).toThrow(/--colour/));
});
