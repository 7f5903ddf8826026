export { parseSummaryKey, recordKey, summaryKey, type RecordEntry, type RecordRef } from './layout.ts';
export {
  archivedNamespaces,
  listRecords,
  type ListRecordsOptions,
  readEntry,
  readRecord,
  type ReadRecordOptions,
  readSummary,
} from './read.ts';
export type { RanImage, RecordedObject, RecordSummary, WorkflowRecord } from './record.ts';
export { type RecordSource, type RecordWritten, writeRecord } from './write.ts';
