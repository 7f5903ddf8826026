import type { Answer, SeenRequest } from './test-host.ts';

/** A version as the fake gateway keeps it. */
interface Version {
  version: number;
  manifest: string;
  files: number;
  size: number;
  stored_size: number;
  tags?: string[];
  description: string;
  base_version?: number;
  metadata?: object;
  labels?: object;
}

/** What of the gateway moves bytes into versions and out of them, for one bucket: what the commands of datasets need to be tried from end to end. */
export class FakeDatasets {
  readonly datasets = new Map<string, Version[]>();
  /** Other names that downloads tell of datasets. */
  readonly names = new Map<string, string>();
  readonly #url: string;

  /** @param url of the bucket */
  constructor(url: string) {
    this.#url = url;
  }

  answer({ line, body }: SeenRequest): Answer {
    const [method = '', address = ''] = line.split(' ');
    const { pathname, searchParams } = new URL(address, 'http://x');
    if (pathname === '/api/bucket') return { json: { buckets: {}, default: 'robots' } };
    if (pathname === '/api/bucket/robots/location') return { json: { path: this.#url } };
    if (pathname === '/api/bucket/robots/manifests') {
      const all = [...this.datasets.values()].flat();
      return { json: { manifests: all.map(({ manifest }) => manifest) } };
    }
    const name = /^\/api\/bucket\/robots\/dataset\/([^/]+)$/.exec(pathname)?.[1];
    if (name === undefined) return refusal(404, `nothing is at ${line}`);
    const versions = this.datasets.get(name) ?? [];
    const tag = searchParams.get('tag') ?? 'latest';
    const found =
      tag === 'latest'
        ? versions.at(-1)
        : versions.find(({ version, tags }) => String(version) === tag || tags?.includes(tag) === true);
    const common = { name, bucket: 'robots', path: this.#url };
    if (method === 'GET')
      return found === undefined
        ? refusal(404, `dataset ${name} has no version ${tag}`)
        : { json: { ...common, versions: [{ ...found, name: this.names.get(name) ?? name }] } };
    if (searchParams.get('finish') !== 'True')
      return { json: { ...common, version_id: null, base: found ?? null, tags: {} } };
    const sent = body as Omit<Version, 'version'>;
    const made = { ...sent, tags: sent.tags ?? [], version: versions.length + 1 };
    this.datasets.set(name, [...versions, made]);
    return { json: { ...common, version_id: made.version, base: null, tags: {} } };
  }
}

function refusal(status: number, message: string): Answer {
  const body = { message, error_code: 'NOTFOUND', workflow_id: null };
  return { response: Response.json(body, { status }) };
}
