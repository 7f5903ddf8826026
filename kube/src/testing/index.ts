export {
  type FakeApiserver,
  type FakeApiserverOptions,
  type LoggedRequest,
  startFakeApiserver,
} from './fake-apiserver.ts';
export type { Effect, Fault, InjectedFault, RequestInfo } from './faults.ts';
export { builtinKinds, type FakeKind, type FieldProblem, kindsOf, type ListRule } from './kinds.ts';
