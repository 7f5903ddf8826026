import { table } from './reference.ts';

/** Thrown when constants.ts has a line that the page can't be made from, so that no constant stays undocumented. */
export class ConstantsSourceError extends Error {
  constructor(line: number, problem: string) {
    super(`constants.ts:${line}: ${problem}`);
    this.name = 'ConstantsSourceError';
  }
}

interface ConstantTable {
  readonly name: string;
  readonly doc: string;
  readonly rows: { key: string; value: string; doc: string }[];
}

/** `docs/reference/constants.md` from the text of constants.ts: its doc comments are the only documentation. */
export function constantsPage(source: string): string {
  const tables = readTables(source).map(({ name, doc, rows }) =>
    [
      `## ${name}`,
      doc,
      table(
        ['Value', 'Meaning', 'In code'],
        rows.map((row) => [`\`${row.value}\``, row.doc.replaceAll('|', '\\|'), `\`${name}.${row.key}\``]),
      ),
    ].join('\n\n'),
  );
  const head = '# Constants\n\nEvery name that the product writes where others can read it.';
  return `${[head, ...tables].join('\n\n')}\n`;
}

const docLine = /^\s*\/\*\* (.*) \*\/$/;
const tableStart = /^export const (\w+) = \{$/;
const tableEnd = /^\} as const;$/;
const entry = /^ {2}(\w+): (?:'([^']*)'|(\d[\d_]*)),$/;

/** Reads the one form that constants.ts is written in; anything else is an error with its line. */
function readTables(source: string): ConstantTable[] {
  const tables: ConstantTable[] = [];
  let open: ConstantTable | undefined;
  let doc: string | undefined;
  for (const { text, line } of statements(source)) {
    const takeDoc = (): string => {
      if (doc === undefined) throw new ConstantsSourceError(line, `no doc comment before '${text.trim()}'`);
      const taken = doc;
      doc = undefined;
      return taken;
    };
    const [, comment] = docLine.exec(text) ?? [];
    const [, name] = tableStart.exec(text) ?? [];
    const [, key, string, number] = entry.exec(text) ?? [];
    if (comment !== undefined) doc = comment;
    else if (name !== undefined) tables.push((open = { name, doc: takeDoc(), rows: [] }));
    else if (key !== undefined && open !== undefined) {
      open.rows.push({ key, value: string ?? (number as string).replaceAll('_', ''), doc: takeDoc() });
    } else if (tableEnd.test(text)) open = undefined;
    else throw new ConstantsSourceError(line, `can't read '${text.trim()}'`);
  }
  return tables;
}

/** Lines that say something: without blank ones and plain comments, doc comments over several lines put on one. */
function statements(source: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  const lines = source.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    let text = lines[index] as string;
    if (/^\s*\/\*/.test(text)) {
      while (!text.includes('*/') && index + 1 < lines.length) {
        text += ` ${(lines[(index += 1)] as string).replace(/^\s*\*(?!\/) ?/, '').trim()}`;
      }
      if (!/^\s*\/\*\*/.test(text)) continue;
      text = text.replace(/\/\*\*\s*/, '/** ').replace(/\s*\*\/$/, ' */');
    }
    if (text.trim() !== '') found.push({ text, line });
  }
  return found;
}
