/**
 * An audit policy: one line a finished request, at `Metadata`. Reads of leases and health are left out, as they would
 * make up most of the log and say nothing.
 */
export function auditPolicy(): string {
  const quiet = [
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi/*', '/metrics'] },
    {
      level: 'None',
      verbs: ['get', 'watch', 'list'],
      resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }],
    },
  ];
  return `${JSON.stringify(
    {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [...quiet, { level: 'Metadata' }],
    },
    null,
    2,
  )}\n`;
}
