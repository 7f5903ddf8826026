/** What a kubeconfig says; all credentials as PEM text, put inline so that the file can be moved. */
export interface KubeconfigInput {
  cluster: string;
  user: string;
  server: string;
  ca: string;
  cert: string;
  key: string;
}

/** A kubeconfig with one cluster, user and context, as JSON (which is YAML). Write it with mode 0600: it holds a key. */
export function kubeconfig(input: KubeconfigInput): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: input.cluster, cluster: { server: input.server, 'certificate-authority-data': base64(input.ca) } },
      ],
      users: [
        {
          name: input.user,
          user: { 'client-certificate-data': base64(input.cert), 'client-key-data': base64(input.key) },
        },
      ],
      contexts: [{ name: input.cluster, context: { cluster: input.cluster, user: input.user } }],
      'current-context': input.cluster,
    },
    null,
    2,
  )}\n`;
}
