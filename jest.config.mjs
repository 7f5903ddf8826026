const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: { target: 'es2024', parser: { syntax: 'typescript', decorators: false } },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    },
  ],
};
const base = {
  transform,
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/hack/testing/property-tests.setup.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.cluster'],
};
const tier = (name, testMatch, extra = {}) => ({ ...base, displayName: name, testMatch, ...extra });
const heavy = ['\\.contract\\.test\\.ts$', '\\.integration\\.test\\.ts$', '\\.e2e\\.test\\.ts$', '/node_modules/'];

export default {
  testSequencer: '<rootDir>/hack/testing/order.config.mjs',
  // For what will never happen: that a machine is busy is no reason to fail. What needs longer says so.
  testTimeout: 5 * 60_000,
  projects: [
    tier('unit', ['<rootDir>/**/*.test.ts'], { testPathIgnorePatterns: heavy }),
    tier('integration', ['<rootDir>/**/*.contract.test.ts', '<rootDir>/**/*.integration.test.ts'], {
      testPathIgnorePatterns: [
        ...(process.env.OSMO_TEST_MINIO ? [] : ['/minio\\.contract\\.test\\.ts$']),
        '/node_modules/',
      ],
      globalSetup: '<rootDir>/hack/testing/control-plane.setup.ts',
      globalTeardown: '<rootDir>/hack/testing/control-plane.teardown.ts',
    }),
    tier('e2e', ['<rootDir>/e2e/**/*.e2e.test.ts'], {
      globalSetup: '<rootDir>/e2e/harness/setup.ts',
      globalTeardown: '<rootDir>/e2e/harness/teardown.ts',
      setupFilesAfterEnv: [...base.setupFilesAfterEnv, '<rootDir>/e2e/harness/answers.setup.ts'],
    }),
  ],
};
