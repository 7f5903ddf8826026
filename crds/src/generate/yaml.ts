/** Words that YAML 1.1 or 1.2 reads as something else than a string. */
const notPlain = /^(?:true|false|yes|no|on|off|y|n|null|~|[-+.\d].*|e\d+|0[xo].*|=|<<)$/i;
const plain = /^[A-Za-z_/.][A-Za-z0-9_/.-]*(?: [A-Za-z0-9_/.,;()'-]+)*$/;

/**
 * Writes JSON data as YAML in block style, keys in their own order, so that the same data is always the same text.
 * Entries that are undefined are left out.
 */
export function toYaml(value: unknown): string {
  return `${block(value, '').trimStart()}\n`;
}

function block(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    return value.map((item) => `\n${indent}-${inItem(item, indent)}`).join('');
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    if (entries.length === 0) return ' {}';
    return entries.map(([key, entry]) => `\n${indent}${scalar(key)}:${inEntry(entry, indent)}`).join('');
  }
  return ` ${scalar(value)}`;
}

const inEntry = (value: unknown, indent: string): string => block(value, Array.isArray(value) ? indent : `${indent}  `);

/** The first line of a map follows its dash. */
function inItem(value: unknown, indent: string): string {
  const text = block(value, `${indent}  `);
  return text.startsWith('\n') ? ` ${text.trimStart()}` : text;
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return plain.test(value) && !notPlain.test(value) && !value.includes(' #') ? value : JSON.stringify(value);
}
