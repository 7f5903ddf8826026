/** Types that a browser shows and runs nothing of, by the endings of names. */
const types = new Map(
  Object.entries({
    png: 'image/png',
    jpg: 'image/jpeg',
    jpeg: 'image/jpeg',
    gif: 'image/gif',
    webp: 'image/webp',
    avif: 'image/avif',
    bmp: 'image/bmp',
    mp4: 'video/mp4',
    webm: 'video/webm',
    mp3: 'audio/mpeg',
    wav: 'audio/wav',
    json: 'application/json',
    jsonl: 'text/plain; charset=utf-8',
    txt: 'text/plain; charset=utf-8',
    log: 'text/plain; charset=utf-8',
    md: 'text/plain; charset=utf-8',
    csv: 'text/plain; charset=utf-8',
    yaml: 'text/plain; charset=utf-8',
    yml: 'text/plain; charset=utf-8',
  }),
);

/**
 * How a file of a user is shown in the gateway's origin: by its name alone as one of a few types that nothing of is run, else as bytes to be kept.
 * Whatever it is, a browser guesses no type, loads nothing for it, and gives it no origin; pages elsewhere can't embed it.
 *
 * @param name may hold anything
 */
export function presentationOf(name: string): { type: string; headers: Record<string, string> } {
  const file = name.slice(name.lastIndexOf('/') + 1);
  const type = types.get(/\.([a-z0-9]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '');
  return {
    type: type ?? 'application/octet-stream',
    headers: {
      'content-disposition': `${type === undefined ? 'attachment' : 'inline'}; ${fileNameOf(file)}`,
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  };
}

/** The parameters of RFC 6266: for old readers in ASCII, and as it is. */
function fileNameOf(file: string): string {
  const plain = file.replace(/[^ -~]|["\\%]/g, '_');
  const exact = encodeURIComponent(file.toWellFormed()).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename="${plain}"; filename*=UTF-8''${exact}`;
}
