const secrets: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g,
  /(?<=\b(?:Bearer|Basic)\s+)[\w+/=.~-]{6,}/gi,
  /(?<=["']?\b(?:token|password|passwd|secret|id_token|access_token|refresh_token|client_secret)["']?\s*[:=]\s*["']?)[^\s"',&}]{4,}/gi,
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
];

/** Text of unknown origin (a proxy's error page, a plugin's stderr) without what looks like a credential; ≤ 1 KiB. */
export function redact(text: string): string {
  const clean = secrets.reduce((t, pattern) => t.replace(pattern, '[redacted]'), text);
  return clean.length > 1024 ? `${clean.slice(0, 1024)}…` : clean;
}
