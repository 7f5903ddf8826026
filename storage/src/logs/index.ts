export { logFolder, type LogRef } from './layout.ts';
export { maskerOf } from './mask.ts';
export { readLog, readLogEnd, type ReadLogOptions } from './read.ts';
export type { LogEnd } from './stored.ts';
export { writeLog, type WriteLogOptions } from './write.ts';
export { isOtherWriter, type LogWriter, type LogWriterOptions, openLog } from './writer.ts';
