/** One certificate to issue. */
export interface CertificateRequest {
  /** `<folder>/<file>.crt` and `.key`. */
  file: string;
  /** File name of the issuing authority. */
  authority: string;
  commonName: string;
  /** Kubernetes groups of a client. */
  organizations?: string[];
  usages: ('serverAuth' | 'clientAuth')[];
  dnsNames?: string[];
  addresses?: string[];
}

/** What the certificates of a cluster depend on. */
export interface CertificateInput {
  /** Addresses on which the apiserver is reached, its Service address included. */
  apiserverAddresses: string[];
  /** The node whose kubelet gets certificates; undefined in a control plane without nodes. */
  node?: { name: string; addresses: string[] };
}

/** Authorities: the cluster's own, etcd's (so that no cluster client can talk to etcd), and the aggregation layer's. */
export const authorities = ['ca', 'etcd-ca', 'front-proxy-ca'] as const;

/** Every certificate a cluster needs. The names and groups are those that Kubernetes' RBAC bootstrap policy knows. */
export function certificateRequests(input: CertificateInput): CertificateRequest[] {
  const client = (file: string, commonName: string, ...organizations: string[]): CertificateRequest => ({
    file,
    authority: 'ca',
    commonName,
    organizations,
    usages: ['clientAuth'],
  });
  const local = ['127.0.0.1'];
  return [
    {
      file: 'apiserver',
      authority: 'ca',
      commonName: 'kube-apiserver',
      usages: ['serverAuth'],
      dnsNames: [
        'localhost',
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
      ],
      addresses: [...new Set([...local, ...input.apiserverAddresses])],
    },
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', 'osmo:kubelet-api-admin'),
    client('admin', 'kubernetes-admin', 'system:masters'),
    client('kube-controller-manager', 'system:kube-controller-manager'),
    client('kube-scheduler', 'system:kube-scheduler'),
    {
      file: 'etcd-server',
      authority: 'etcd-ca',
      commonName: 'etcd',
      // etcd's own gateway dials back with this certificate.
      usages: ['serverAuth', 'clientAuth'],
      dnsNames: ['localhost'],
      addresses: local,
    },
    { file: 'etcd-client', authority: 'etcd-ca', commonName: 'kube-apiserver-etcd-client', usages: ['clientAuth'] },
    {
      file: 'front-proxy-client',
      authority: 'front-proxy-ca',
      commonName: 'front-proxy-client',
      usages: ['clientAuth'],
    },
    ...(input.node
      ? [
          client('kubelet', `system:node:${input.node.name}`, 'system:nodes'),
          client('kube-proxy', 'system:kube-proxy', 'system:node-proxier'),
          {
            file: 'kubelet-server',
            authority: 'ca',
            commonName: `system:node:${input.node.name}`,
            usages: ['serverAuth' as const],
            dnsNames: [input.node.name],
            addresses: input.node.addresses,
          },
        ]
      : []),
  ];
}

/** Arguments of openssl(1) that make a self-signed authority. */
export function authorityArguments(folder: string, name: string): string[] {
  return [
    ...keyArguments(folder, name),
    ...['-subj', `/CN=osmo-${name}`],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-addext', 'basicConstraints=critical,CA:TRUE'],
  ];
}

/** Arguments of openssl(1) that make a key and a certificate signed by its authority. */
export function certificateArguments(folder: string, request: CertificateRequest): string[] {
  const subject = [...(request.organizations ?? []).map((group) => `/O=${group}`), `/CN=${request.commonName}`].join(
    '',
  );
  const names = [
    ...(request.dnsNames ?? []).map((name) => `DNS:${name}`),
    ...(request.addresses ?? []).map((address) => `IP:${address}`),
  ];
  return [
    ...keyArguments(folder, request.file),
    ...['-CA', `${folder}/${request.authority}.crt`, '-CAkey', `${folder}/${request.authority}.key`],
    ...['-subj', subject],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-addext', 'keyUsage=critical,digitalSignature'],
    ...['-addext', `extendedKeyUsage=${request.usages.join(',')}`],
    ...(names.length > 0 ? ['-addext', `subjectAltName=${names.join(',')}`] : []),
  ];
}

function keyArguments(folder: string, name: string): string[] {
  return [
    ...['req', '-x509', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-sha256'],
    // Ten years: a cluster of this kind is thrown away long before.
    ...['-days', '3650', '-keyout', `${folder}/${name}.key`, '-out', `${folder}/${name}.crt`],
  ];
}
