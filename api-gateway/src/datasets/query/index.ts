export { found, holds } from './evaluate.ts';
export { parseQuery } from './parser.ts';
export { type Json, type Query, QueryError, type QueryRecord } from './query.ts';
