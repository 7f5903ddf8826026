export { logFolder, type LogRef } from './layout.ts';
export { maskerOf } from './mask.ts';
export { type LogEnd, readLog, readLogEnd } from './read.ts';
export { writeLog, type WriteLogOptions } from './write.ts';
