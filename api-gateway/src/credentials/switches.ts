/** Which credentials are not tried when they are set, as upstream's `credential_config`. */
export interface CredentialSwitches {
  /** Registries: a host, or a path of one; `*` is all of them. */
  readonly registries: readonly string[];
  /** Schemes of storage URLs: `s3`, `gs`, `azure`, `tos`, `swift`; `*` is all of them. */
  readonly schemes: readonly string[];
}

/** Whether a scope of a registry is one of those, or a path of one. */
export function coversRegistry(registries: readonly string[], scope: string): boolean {
  return registries.some((each) => each === '*' || scope === each || scope.startsWith(`${each}/`));
}

/** Whether the scheme of a URL is one of those. */
export function coversScheme(schemes: readonly string[], url: string): boolean {
  const scheme = url.slice(0, url.indexOf(':'));
  return schemes.some((each) => each === '*' || each.replace(/:.*$/, '') === scheme);
}
