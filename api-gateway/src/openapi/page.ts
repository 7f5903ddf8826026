import type { Operation, Parameter } from '../http/operation.ts';
import { pagePolicy } from '../http/security-headers.ts';

/** The operations as a page of HTML that needs nothing from elsewhere and runs no script, with the policy that says so. */
export function documentPage(operations: readonly Operation[]): { text: string; policy: string } {
  const tags = Map.groupBy(operations, ({ tag }) => tag);
  const sections = [...tags].map(([tag, members]) => `<h2>${escaped(tag)}</h2>${members.map(section).join('')}`);
  const text = `<!doctype html><html lang="en"><meta charset="utf-8"><title>OSMO API</title><style>${style}</style>
<h1>OSMO API</h1>
<p>The same as <a href="/api/openapi.json">openapi.json</a>, for people. Send <code>Authorization: Bearer TOKEN</code>.</p>
${sections.join('\n')}</html>`;
  return { text, policy: pagePolicy(style) };
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code{background:#8882;padding:.1em .3em;border-radius:3px}summary{cursor:pointer;padding:.3rem 0}
summary b{display:inline-block;width:4rem}table{border-collapse:collapse;margin:.5rem 0 1rem}
td{border-top:1px solid #8884;padding:.2rem .8rem .2rem 0;vertical-align:top}pre{overflow:auto;background:#8881;padding:.6rem}`;

function section({
  method,
  path,
  summary,
  description,
  parameters = {},
  body,
  answer,
  open,
  action,
}: Operation): string {
  const rows = Object.entries(parameters).map(parameterRow).join('');
  const schema = (what: string, value: unknown): string =>
    value === undefined ? '' : `<p>${what}</p><pre>${escaped(JSON.stringify(value, undefined, 2))}</pre>`;
  return `<details><summary><b>${method.toUpperCase()}</b> <code>${escaped(path)}</code> ${escaped(summary)}</summary>
<p>${escaped(description ?? '')} ${open === true ? 'Open to everybody.' : ''} Action: <code>${escaped(action)}</code>.</p>
${rows === '' ? '' : `<table>${rows}</table>`}
${schema('Body', body?.schema)}<p>Answer: ${escaped(answer.description)}</p>${schema('', answer.schema)}</details>`;
}

function parameterRow([name, { type, description, enum: allowed }]: [string, Parameter]): string {
  const values = allowed === undefined ? '' : ` One of ${allowed.join(', ')}.`;
  return `<tr><td><code>${escaped(name)}</code><td>${type}<td>${escaped(description + values)}`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
