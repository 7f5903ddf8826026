export { testCertificate, testKey } from './certificate.ts';
export {
  type FakeApiserver,
  type FakeApiserverOptions,
  type LoggedRequest,
  startFakeApiserver,
} from './fake-apiserver.ts';
export type { Effect, Fault, InjectedFault, RequestInfo } from './faults.ts';
export { builtinKinds, type FakeKind, type FieldProblem, kindsOf, type ListRule } from './kinds.ts';
export { FakeClock, settle } from '../runtime/testing/fake-clock.ts';
export { type LogLine, type RecordingLogger, recordingLogger } from '../runtime/testing/recording-logger.ts';
export { ControllerHarness, type ServerUnderTest } from '../runtime/testing/controller-harness.ts';
export { type Fate, LeaseServer } from '../runtime/testing/lease-server.ts';
export { failureOf } from './failure.ts';
export { freePort, Program } from './program.ts';
export { connectToTestCluster, installDefinitions, newNamespace, testKubeconfig } from './real-cluster.ts';
export { until } from './until.ts';
