/** A single value as a recipe writes it. `text` may be written as a number; `scalar-types.ts` in hack/recipe says what each takes. */
export type ScalarType =
  | 'anything'
  | 'bytes'
  | 'bytesOrShare'
  | 'count'
  | 'download'
  | 'duration'
  | 'exitCodes'
  | 'flag'
  | 'folder'
  | 'mount'
  | 'name'
  | 'nothing'
  | 'printed'
  | 'quotedText'
  | 'requirement'
  | 'text'
  | 'url'
  | 'version';

/** What stands under a key. `least` and `most` are numbers of items or entries; `keys` are the names that a map may have, in any case. */
export type ValueType =
  | ScalarType
  | { readonly section: string }
  | { readonly list: ValueType; readonly least?: number }
  | { readonly map: ValueType; readonly least?: number; readonly most?: number; readonly keys?: readonly string[] }
  | { readonly oneOf: readonly ValueType[] };

/** One key of a recipe: what the readers allow, and what the reference and the editors' schema say of it. */
export interface RecipeKey {
  readonly type: ValueType;
  readonly required?: true;
  /** Whether the key may stand there without a value, which is as if it weren't there. */
  readonly nullable?: true;
  /** What holds without the key. */
  readonly default?: string;
  /** One sentence or two, with a capital and a full stop. */
  readonly about: string;
  /** The field of the Workflow that it becomes, as in `spec.tasks[].env`; nothing when it becomes none. */
  readonly field?: string;
  /** What upstream does otherwise. */
  readonly upstream?: string;
}

/** A mapping of a recipe with its keys, in the order in which problems and the reference name them. */
export interface RecipeSection {
  /** Where it is, as in `workflow.tasks[]`. */
  readonly at: string;
  readonly about: string;
  readonly keys: Readonly<Record<string, RecipeKey>>;
  /** Of these exactly one key must be there. */
  readonly oneOf?: readonly string[];
}

/** The names of the keys of a section, in its order. */
export function keysOf<Name extends string>({ keys }: { readonly keys: Readonly<Record<Name, RecipeKey>> }): Name[] {
  return Object.keys(keys) as Name[];
}
