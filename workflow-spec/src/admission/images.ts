import { problem, type Problem } from '../graph/problem.ts';
import type { WrittenTask } from '../graph/written-tasks.ts';

// The grammar of references that kubelets and container runtimes share (distribution's `reference` package).
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const pathSyntax = new RegExp(`^${component}(?:/${component})*$`);
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const domainSyntax = new RegExp(`^${label}(?:\\.${label})*(?::[0-9]+)?$`);
const tagSyntax = /^\w[\w.-]{0,127}$/;
const digestSyntax = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const longestName = 255;

/** An image that no container runtime can read as a reference: its pod would never start. */
export function imageProblems({ template: { image }, path }: WrittenTask): Problem[] {
  // Tokens stand for texts of each instance.
  const detail = image.includes('{') ? undefined : imageDetail(image);
  return detail === undefined ? [] : [problem('InvalidSpec', `${path}.image`, image, detail)];
}

function imageDetail(image: string): string | undefined {
  const [named = '', digest, ...more] = image.split('@');
  if (more.length > 0 || (digest !== undefined && !digestSyntax.test(digest)))
    return "no image reference: behind '@' a digest such as 'sha256:…' of 64 hexadecimal digits is allowed";
  const colon = named.lastIndexOf(':');
  // A colon before the last slash is that of a port.
  const tagged = colon > named.lastIndexOf('/');
  const name = tagged ? named.slice(0, colon) : named;
  if (tagged && !tagSyntax.test(named.slice(colon + 1)))
    return "no image reference: a tag has letters, digits, '_', '.' and '-', at most 128, and doesn't begin with '.' or '-'";
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isDomain = slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (isDomain && !domainSyntax.test(first)) return `no image reference: '${first}' is no host of a registry`;
  const repository = isDomain ? name.slice(slash + 1) : name;
  if (!pathSyntax.test(repository)) {
    const lower = repository.toLowerCase();
    const meant = pathSyntax.test(lower) ? `; did you mean ${JSON.stringify(image.replace(repository, lower))}?` : '';
    return `no image reference: a repository has lower-case letters, digits and single '.', '_', '-', '/' between them${meant}`;
  }
  return name.length > longestName ? `no image reference: at most ${longestName} characters are allowed` : undefined;
}
