import { ConfigMap, createClient, Deployment, loadAccess, Secret, systemClock as clock } from '@osmo/kube';

/**
 * Whom to trust with the gateway of an installation that has one, as PEM; undefined where it is served in the clear.
 *
 * @throws KubeError when the apiserver refuses; Error where the gateway serves TLS, and has no certificate
 */
export async function gatewayAuthority(kubeconfig: string, namespace: string): Promise<string | undefined> {
  const access = await loadAccess({ kubeconfig, clock, env: {} });
  const client = createClient({ access, userAgent: 'osmo-gateway-forward' });
  try {
    const labelSelector = 'app.kubernetes.io/component=api-gateway';
    const { items } = await client.list(Deployment, { namespace, labelSelector });
    const { secret, authorities } = tlsFlags(items[0]);
    if (secret === undefined) return undefined;
    const published = authorities && (await client.get(ConfigMap, { namespace, name: authorities })).data?.['ca.crt'];
    if (published) return published;
    const { data = {} } = await client.get(Secret, { namespace, name: secret });
    // Without an authority in it, it is for everybody to know or its own.
    const found = data['ca.crt'] || data['tls.crt'];
    if (!found)
      throw new Error(`Secret ${namespace}/${secret}: the gateway is to serve TLS by it, and it holds no tls.crt`);
    return Buffer.from(found, 'base64').toString();
  } finally {
    await client.close();
  }
}

/** What the flags of a gateway say of TLS. */
function tlsFlags(deployment: Deployment | undefined): { secret?: string; authorities?: string } {
  const found = (deployment?.spec?.template.spec.containers ?? [])
    .flatMap(({ args }) => args ?? [])
    .flatMap((flag) => {
      const [, name, value] = /^--tls-(secret|authorities)=(.+)$/.exec(flag) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    });
  return Object.fromEntries(found);
}
