import { pagePolicy } from '../../http/security-headers.ts';

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}';

/** A page that tells somebody why they aren't signed in. Nothing in it runs, and it is in no other page. */
export function problemPage(
  message: string,
  again: string,
  status: number,
): {
  text: string;
  type: string;
  status: number;
  headers: Record<string, string>;
} {
  const text = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Not signed in</title>
<style>${style}</style>
<h1>Not signed in</h1><p>${escaped(message)}</p><p><a href="${escaped(again)}">Try again</a></p></html>
`;
  return {
    text,
    type: 'text/html; charset=utf-8',
    status,
    headers: { 'content-security-policy': pagePolicy(style) },
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0) ?? 32};`);
}
