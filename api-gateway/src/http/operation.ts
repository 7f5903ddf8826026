import type { Identity } from '../identity/identity.ts';
import type { Action } from './action.ts';

/** A JSON Schema (2020-12) as it stands in the OpenAPI document and is handed to the validator. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a parameter of the query is. `texts` may be repeated; a `time` is UTC without a zone mark. */
export type ParameterType = 'text' | 'texts' | 'integer' | 'boolean' | 'time';

export interface Parameter {
  type: ParameterType;
  description: string;
  /** Allowed values, of a text or of each of several. */
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  /** Most characters of a text; default 1024. */
  maxLength?: number;
}

interface ValueOf {
  text: string;
  texts: readonly string[];
  integer: number;
  boolean: boolean;
  time: Date;
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of declared parameters; those that the request leaves out are absent, lists are empty. */
export type Values<P extends Parameters> = {
  readonly [K in keyof P]: P[K]['type'] extends 'texts' ? readonly string[] : ValueOf[P[K]['type']] | undefined;
};

/** A request that may be answered: identified, within its rate, with a path, query and body that are as declared. */
export interface Call<P extends Parameters = Parameters> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Values<P>;
  readonly body: unknown;
  readonly caller: Identity;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Aborted when the caller hangs up or the process must end. */
  readonly signal: AbortSignal;
  /** Whether only the headers are asked for (HEAD): a stream is not begun then. */
  readonly isHead?: boolean;
}

/**
 * An answer: JSON, text (status 200 unless it says another), what comes piece by piece, or an address to go on at (303). `stallMs`: how long a
 * reader may take nothing of a stream before it is left.
 */
export type Answer = (
  | { json: unknown }
  | { text: string; type?: string; status?: number }
  | { stream: AsyncIterable<string | Uint8Array>; type?: string; status?: number; stallMs?: number }
  | { redirect: string }
) & {
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** To be shown to the user before the result. */
  warning?: string;
};

/** One operation of the API: the OpenAPI document, request validation and the route are made of the same record. */
export interface Operation<P extends Parameters = Parameters> {
  /** Name of the operation in the document and in metrics. */
  id: string;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path as in the document: `/api/workflow/{id}`. */
  path: string;
  /** What it does, also when it is open: then anybody may. */
  action: Action;
  tag: string;
  summary: string;
  description?: string;
  /** Answered without asking who is there. Default false. */
  open?: boolean;
  parameters?: P;
  /** Schema of the body; absent: what is sent is ignored. */
  body?: {
    schema: JsonSchema;
    required?: boolean;
    /** It is a form of so many bytes at most, as browsers and identity providers send them; absent: JSON. */
    form?: { maxBytes: number };
  };
  /** What comes back. */
  answer: { description: string; schema?: JsonSchema; type?: string };
  handle(call: Call<P>): Promise<Answer> | Answer;
}

/** Keeps the types of the parameters while the operations go into one list. */
export function operation<const P extends Parameters>(definition: Operation<P>): Operation {
  return definition;
}
