import type { AddressPlan } from '../node/addresses.ts';

const systemLabels = { 'app.kubernetes.io/managed-by': 'osmo-local-cluster' };

/**
 * What every local cluster gets: rights of the apiserver on kubelets (its client certificate's group), CoreDNS with its
 * account, Service and Corefile.
 *
 * @param forward name servers for names outside the cluster; none: such names don't exist
 */
export function systemManifests(addresses: AddressPlan, coreDnsImage: string, forward: readonly string[]): object[] {
  const name = 'coredns';
  const namespace = 'kube-system';
  const meta = { name, namespace, labels: { ...systemLabels, 'k8s-app': 'kube-dns' } };
  const account = { kind: 'ServiceAccount', name, namespace };
  const rbac = 'rbac.authorization.k8s.io';
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'osmo:kubelet-api-admin', labels: systemLabels },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:kubelet-api-admin' },
      subjects: [{ apiGroup: rbac, kind: 'Group', name: 'osmo:kubelet-api-admin' }],
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns', labels: systemLabels },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'system:coredns', labels: systemLabels },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:coredns' },
      subjects: [account],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta, data: { Corefile: corefile(forward) } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...meta, name: 'kube-dns' },
      spec: {
        clusterIP: addresses.dnsService,
        selector: { 'k8s-app': 'kube-dns' },
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          { name: 'metrics', port: 9153, protocol: 'TCP' },
        ],
      },
    },
    coreDnsDeployment(meta, coreDnsImage),
  ];
}

/** CoreDNS's configuration. Names outside the cluster go to `forward`; with none, they don't exist (at once, not after a
 * time-out). */
export function corefile(forward: readonly string[]): string {
  const outside =
    forward.length > 0
      ? `forward . ${forward.join(' ')} {\n      max_concurrent 1000\n    }\n    cache 5\n    loop`
      : 'template ANY ANY {\n      rcode NXDOMAIN\n    }';
  return `cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    errors
    health {
      lameduck 2s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      ttl 5
    }
    prometheus :9153
    cache 5
    reload
}
.:53 {
    errors
    prometheus :9153
    ${outside}
}
`;
}

function coreDnsDeployment(
  meta: { name: string; namespace: string; labels: Record<string, string> },
  image: string,
): object {
  const selector = { 'k8s-app': 'kube-dns' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta,
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels: selector },
        spec: {
          serviceAccountName: 'coredns',
          priorityClassName: 'system-cluster-critical',
          dnsPolicy: 'Default',
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name: 'coredns',
              image,
              imagePullPolicy: 'IfNotPresent',
              args: ['-conf', '/etc/coredns/Corefile'],
              ports: [
                { name: 'dns', containerPort: 53, protocol: 'UDP' },
                { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
              ],
              resources: { requests: { cpu: '50m', memory: '30Mi' }, limits: { memory: '256Mi' } },
              livenessProbe: { httpGet: { path: '/health', port: 8080 }, timeoutSeconds: 5, failureThreshold: 5 },
              readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
            },
          ],
          volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
        },
      },
    },
  };
}
