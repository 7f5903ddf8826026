export {
  type Access,
  type CheckpointPlan,
  decodePlan,
  encodePlan,
  type InputPlan,
  MountPaths,
  type OutputPlan,
  planKey,
  type StorePlan,
  type TransferPlan,
  type UrlInput,
  type UrlOutput,
  type VersionInput,
  type VersionOutput,
} from './plan.ts';
export {
  encodeResult,
  type InputResult,
  type Moved,
  type OutputResult,
  parseResult,
  type TransferResult,
  type VersionResult,
} from './result.ts';
export { endingPath, endingPort, RuntimeExit } from './signals.ts';
