/** What is wrong with one field of a spec, in the words of the person who has to mend it. */
export interface Problem {
  /** 'InvalidSpec': no product could run this. 'Unsupported': this version can't yet. */
  kind: 'InvalidSpec' | 'Unsupported';
  /** From the root, as `kubectl explain` and the apiserver print it: `spec.tasks[3].inputs[0].task.name`. */
  path: string;
  /** The value as JSON, cut when it is long. */
  value: string;
  /** The value itself. */
  given: unknown;
  /** What is wrong with it, and what is allowed instead. */
  detail: string;
}

const valueLength = 80;

/** A problem with `value` quoted as JSON. */
export function problem(kind: Problem['kind'], path: string, value: unknown, detail: string): Problem {
  const text = JSON.stringify(value) ?? 'null';
  return {
    kind,
    path,
    value: text.length > valueLength ? `${text.slice(0, valueLength)}…` : text,
    given: value,
    detail,
  };
}

/**
 * All problems as one line of at most `length` characters. Those that don't fit are counted at the end, so that the
 * reader knows how many are left.
 */
export function problemsMessage(problems: readonly Problem[], length: number): string {
  const lines = problems.map((p) => `${p.path}: ${p.value}: ${p.detail}`);
  const rest = (shown: number): string => (shown === lines.length ? '' : ` (and ${lines.length - shown} more)`);
  let text = '';
  for (const [index, line] of lines.entries()) {
    const next = text === '' ? line : `${text}; ${line}`;
    if (next.length + rest(index + 1).length > length) {
      return text === '' ? `${line.slice(0, length - 30)}…${rest(1)}` : text + rest(index);
    }
    text = next;
  }
  return text;
}

/** At most `limit` names for "allowed: …", the rest counted. */
export function listed(names: readonly string[], limit = 8): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
