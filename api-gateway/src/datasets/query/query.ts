/** Any JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A value that a query names. */
export type Literal = null | boolean | number | string;

/** Fields that a dataset has of itself; `label.…` and `metadata.…` are JSON that people gave it. */
export const plainFields = ['name', 'id', 'user', 'created_date', 'is_collection'] as const;
export type PlainField = (typeof plainFields)[number];

/** What a term looks at. */
export type Path =
  | { readonly kind: 'field'; readonly name: PlainField }
  /** JSON of the dataset (`label`) or of one of its versions (`metadata`), step by step. */
  | { readonly kind: 'json'; readonly root: 'label' | 'metadata'; readonly steps: readonly string[] };

export type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=';

/** A condition, true or false of each record. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly path: Path; readonly comparison: Comparison; readonly value: Literal }
  | { readonly kind: 'length'; readonly path: Path; readonly comparison: Comparison; readonly value: number }
  | { readonly kind: 'in'; readonly path: Path; readonly values: readonly Literal[] }
  /** All of `values` are in a list, or are parts of a text. */
  | { readonly kind: 'contains'; readonly path: Path; readonly values: readonly Literal[] }
  | { readonly kind: 'containsKey'; readonly path: Path; readonly key: string };

export const orderFields = ['name', 'created_date', 'user'] as const;
export type OrderField = (typeof orderFields)[number];

/** A query as it was read. */
export interface Query {
  /** What it finds: a term about `metadata.` makes it versions. */
  readonly over: 'datasets' | 'versions';
  /** Absent: everything. */
  readonly condition?: Condition;
  readonly order?: { readonly by: OrderField; readonly descending: boolean };
  readonly limit?: number;
}

/** What is asked about: a dataset, or one of its versions with the dataset that it is of. */
export interface QueryRecord {
  readonly name: string;
  readonly id: string;
  readonly user: string;
  /** When the dataset, or the version, was created; ISO 8601, UTC. */
  readonly created_date: string;
  readonly is_collection: boolean;
  readonly label: Json;
  /** Of a version; absent for a dataset. */
  readonly metadata?: Json;
  /** Of a version. */
  readonly version?: number;
}

/** A query that can't be read, and where: the message says what is there and what could be. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly line: number;
  readonly column: number;

  constructor(text: string, offset: number, problem: string) {
    const before = text.slice(0, offset).split('\n');
    const line = before.length;
    const column = (before.at(-1) ?? '').length + 1;
    super(`query, line ${line}, column ${column}: ${problem}`);
    this.line = line;
    this.column = column;
  }
}
