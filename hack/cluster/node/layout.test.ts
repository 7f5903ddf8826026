import { describe, expect, test } from '@jest/globals';
import { layoutOf } from './layout.ts';

describe('where a cluster keeps what', () => {
  test('is below one folder, apart from the default cluster’s variables', () => {
    const { defaultEnvironment, name, state, ...rest } = layoutOf('/repo', 'osmo');
    expect(defaultEnvironment).toBe('/repo/.cluster/env');
    expect(name).toBe('osmo');
    for (const path of Object.values(rest)) expect(path).toMatch(/^\/repo\/\.cluster\/osmo\//);
    expect(state).toBe('/repo/.cluster/osmo');
    expect(layoutOf('/repo', 'other').defaultEnvironment).toBeUndefined();
  });

  test.each([[''], ['A'], ['a_b'], ['-a'], ['a-'], ['../x'], ['a/b'], ['a'.repeat(41)]])(
    'refuses the name %j',
    (name) => {
      expect(() => layoutOf('/repo', name)).toThrow('allowed are 1 to 40 lower-case letters');
    },
  );
});
