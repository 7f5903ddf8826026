import { createHash } from 'node:crypto';

/** What the name of every Secret of a person's own credential begins with. RE2 and JavaScript read it alike. */
export const userSecretPattern = '^user-[0-9a-f]{16}-';
const userSecret = new RegExp(userSecretPattern);

/**
 * How the names of Secrets end that the operator makes for one pod of a task: its inline files, and the plan of its transfers, with
 * what opens intermediate storage. Both are read by that pod alone.
 */
export const podSecretPattern = '-[0-9a-f]{18}-[0-9]+-(data|files)$';
const podSecret = new RegExp(podSecretPattern);

/** Most keys of one credential. */
export const mostCredentialKeys = 256;

const longest = 253;
const hashLength = 8;
/** Names of Kubernetes: labels of letters, digits and '-', with a letter or digit at either end, joined by '.'. */
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/**
 * How the names of the Secrets of a person's own credentials begin: `user-`, 16 hex digits of the SHA-256 of the user's name, `-`. So
 * anybody can tell from a name alone whose it is. Users are compared as the apiserver does: by every character.
 */
export function userSecretPrefix(user: string): string {
  return `user-${userDigest(user)}-`;
}

/** What stands for a user in labels and in names of Secrets: 16 hex digits of the SHA-256 of the name. */
export function userDigest(user: string): string {
  return createHash('sha256').update(user).digest('hex').slice(0, 16);
}

/** Whether the name is of a person's own credential, whoever that is. */
export function isUserSecret(name: string): boolean {
  return userSecret.test(name);
}

/** Whether the name is of a Secret that the operator made for one pod. */
export function isPodSecret(name: string): boolean {
  return podSecret.test(name);
}

/** Whether a workflow of that user may name the Secret: a shared one, or one of their own. Without a user: only shared ones. No pod's. */
export function maySubmitterName(user: string | undefined, secretName: string): boolean {
  if (isPodSecret(secretName)) return false;
  return !isUserSecret(secretName) || (user !== undefined && secretName.startsWith(userSecretPrefix(user)));
}

/**
 * Name of the Secret of a person's own credential.
 *
 * @param shared name that the Secret has when it is shared: `dataSecretName(profile)`, `registrySecretName(scope)`, `genericSecretName(name)`
 */
export function ownSecretName(user: string, shared: string): string {
  const prefix = userSecretPrefix(user);
  if (prefix.length + shared.length <= longest) return prefix + shared;
  const hash = createHash('sha256').update(shared).digest('hex').slice(0, hashLength);
  return `${prefix}${shared.slice(0, longest - prefix.length - hashLength - 1).replace(/[.-]+$/, '')}-${hash}`;
}

/** Name of the Secret that logs in to a registry, or to a path of one: `nvcr.io/org` → `registry-nvcr.io-org-<hash>`. */
export function registrySecretName(scope: string): string {
  return nameFor('registry', scope);
}

/** What of a Credential says who may use it. */
interface Entry {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly user?: string | undefined; readonly secretName?: string | undefined };
}

/** The Secret that holds a credential. */
export const credentialSecret = ({ metadata, spec }: Entry): string => spec.secretName ?? metadata.name;

/**
 * Whether an entry is of a user's own or shared, and points to no Secret of anybody else. Labels can be put on by anybody who may write
 * an entry: whose it is, is what the spec says.
 */
export function isUsableCredential(entry: Entry, user: string | undefined): boolean {
  const { user: owner } = entry.spec;
  return (owner === undefined || owner === user) && maySubmitterName(owner, credentialSecret(entry));
}

/** Name of the Secret of a generic credential: `wandb` → `generic-wandb`. */
export function genericSecretName(name: string): string {
  return nameFor('generic', name);
}

/** Docker Hub, under the name that people and images use for it. */
export const dockerHub = 'docker.io';
const dockerHubNames = new Set([
  '',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
]);

/**
 * What a registry login is for: a registry's host, with a port where it has one, or a path of it (`nvcr.io/org`). Without scheme and slashes at
 * the end; the host in lower case; every name of Docker Hub, and nothing at all, is `docker.io`. Undefined when it can't be one.
 */
export function registryScope(registry: string): string | undefined {
  const [host = '', ...path] = registry
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .split('/');
  const name = host.toLowerCase();
  const isHub = dockerHubNames.has(name);
  // What Docker's own files call Docker Hub: https://index.docker.io/v1/.
  const segments = /^v[12]$/.test(path[0] ?? '') ? path.slice(1) : path;
  if (!isHub && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/.test(name)) return undefined;
  if (!segments.every((segment) => /^[a-z0-9]+([._-]+[a-z0-9]+)*$/.test(segment))) return undefined;
  const scope = [isHub ? dockerHub : name, ...segments].join('/');
  return scope.length <= 255 ? scope : undefined;
}

/**
 * Scopes of registry logins that an image can be pulled with, from the most exact one: `nvcr.io/org/team/img:1` → `nvcr.io/org/team/img`,
 * `nvcr.io/org/team`, `nvcr.io/org`, `nvcr.io`. Names without a host are Docker Hub's, as containerd reads them.
 */
export function registryScopesOf(image: string): string[] {
  const name = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const parts = name.split('/');
  const first = parts[0] ?? '';
  const hasHost = parts.length > 1 && (/[.:]/.test(first) || first === 'localhost');
  const scope = registryScope(hasHost ? first : dockerHub) ?? first;
  const path = hasHost ? parts.slice(1) : parts.length === 1 ? ['library', ...parts] : parts;
  return [...path.keys(), path.length].toReversed().map((count) => [scope, ...path.slice(0, count)].join('/'));
}

/** A readable name, with a hash of the text where it had to be changed, so that no two texts share a name. */
function nameFor(type: string, text: string): string {
  const plain = `${type}-${text}`;
  if (plain.length <= longest && subdomain.test(plain)) return plain;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, hashLength);
  const readable = plain
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '-')
    .replace(/-*\.[.-]*/g, '.')
    .slice(0, longest - hashLength - 1)
    .replace(/[.-]+$/, '');
  return `${readable}-${hash}`;
}
