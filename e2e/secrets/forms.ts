/** Shorter values are found everywhere: they can't be told from other text. */
export const shortest = 8;

/**
 * The byte strings by which a secret shows itself: as it is, and as JSON, URLs, base64 (wherever in an encoded text it lies: three
 * alignments, so `user:password` of basic authentication and whole Secrets too) and hexadecimal digits write it. None for a value that is too short.
 */
export function formsOf(secret: string): Buffer[] {
  const value = secret.trim();
  const bytes = Buffer.from(value);
  if (bytes.length < shortest) return [];
  const json = JSON.stringify(value).slice(1, -1);
  const texts = [
    ...[value, json, JSON.stringify(json).slice(1, -1)],
    ...[encodeURIComponent(value), new URLSearchParams({ v: value }).toString().slice(2)],
    ...[0, 1, 2].flatMap((offset) => inBase64(bytes, offset)),
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
  ];
  return [...new Set(texts)].map((text) => Buffer.from(text));
}

/** What of the base64 of a text is the same whatever stands before (`offset` bytes, modulo three) and after the value. */
function inBase64(bytes: Buffer, offset: number): string[] {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
  const from = Math.ceil((offset * 8) / 6);
  const text = whole.toString('base64').slice(from, Math.floor((whole.length * 8) / 6));
  const forUrls = text.replaceAll('+', '-').replaceAll('/', '_');
  return [text, forUrls, encodeURIComponent(text)];
}
