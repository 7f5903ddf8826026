type Fields = Readonly<Record<string, unknown>>;

/** What there is to run on, in upstream's shape. */
export interface Resource {
  hostname?: string;
  resource_type: string;
  backend?: string | null;
  /** Nodes of this shape, and those that take work now; ours alone. */
  nodes?: number;
  available_nodes?: number;
  exposed_fields: Fields & { node: string; 'pool/platform'?: readonly string[] };
  usage_fields?: Fields | null;
  allocatable_fields?: Fields | null;
  platform_allocatable_fields?: Readonly<Record<string, Readonly<Record<string, Fields>>>> | null;
  pool_platform_labels?: Readonly<Record<string, readonly string[]>> | null;
  config_fields?: Readonly<Record<string, Readonly<Record<string, PlatformRules>>>> | null;
}

export interface PlatformRules {
  host_network?: boolean;
  privileged?: boolean;
  default_mounts?: readonly string[];
  allowed_mounts?: readonly string[];
}

/** What a resource has for a pool and platform. */
export function capacityOf(resource: Resource, pool: string, platform: string): Fields {
  return resource.platform_allocatable_fields?.[pool]?.[platform] ?? resource.allocatable_fields ?? {};
}

/** Pools and platforms that a resource serves, of `pool/platform` texts. */
export function placesOf({ exposed_fields: fields }: Resource): { pool: string; platform: string }[] {
  return (fields['pool/platform'] ?? []).map((text) => {
    const [pool = '', platform = ''] = text.split('/');
    return { pool, platform };
  });
}
