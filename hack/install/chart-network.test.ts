import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { authorityPermissions, certificatePermissions } from '../../api-gateway/src/tls/permissions.ts';
import { parseOptions } from '../../api-gateway/src/options.ts';
import { obtainAll } from '../cluster/components/obtain.ts';
import { objectsOf, renderChart, type RenderedObject, rightsOf } from './rendered-chart.ts';

const { helm = '' } = await obtainAll(['helm'], () => undefined);
const chart = join(import.meta.dirname, '../../charts/osmo');
const render = (values: object = {}): RenderedObject[] => objectsOf(renderChart({ helm, chart, values }));
const keys = (objects: readonly RenderedObject[]): string[] =>
  objects.map((object) => `${object.kind}/${object.metadata.name}`);
const find = (objects: readonly RenderedObject[], key: string): RenderedObject | undefined =>
  objects.find((object) => `${object.kind}/${object.metadata.name}` === key);
const rights = (objects: readonly RenderedObject[], key: string): string[] =>
  rightsOf(find(objects, key)?.rules ?? []).toSorted();

describe('TLS of the gateway', () => {
  const gateway = (objects: readonly RenderedObject[]) => {
    const spec = find(objects, 'Deployment/osmo-api-gateway')?.['spec'];
    return (spec as { template: { spec: { containers: { args: string[] }[] } } } | undefined)?.template.spec
      .containers[0]?.args;
  };
  const options = (objects: readonly RenderedObject[]) =>
    parseOptions((gateway(objects) ?? []).map((flag) => flag.replace('$(POD_NAMESPACE)', 'osmo-system'))).tls;
  const named = (objects: readonly RenderedObject[]): string[] => keys(objects).filter((key) => /-(tls|ca)$/.test(key));
  const read = ['get', 'list', 'watch'];
  const portName = (objects: readonly RenderedObject[]): unknown =>
    (find(objects, 'Service/osmo-api-gateway')?.['spec'] as { ports: { name: string }[] } | undefined)?.ports[0]?.name;

  test('is left to what is before it, unless somebody says so', () => {
    const objects = render();
    expect(options(objects)).toBeUndefined();
    expect([named(objects).filter((key) => key.includes('gateway')), portName(objects)]).toEqual([[], 'http']);
  });
  test('can be its own: empty objects that it fills, and the rights that it says it needs for that', () => {
    const tls = { mode: 'Own', names: ['osmo.lan', '192.0.2.7'] };
    const objects = render({ apiGateway: { tls, publicUrl: 'https://osmo.example:8443/team' } });
    expect(options(objects)).toEqual({
      secret: 'osmo-api-gateway-tls',
      authorities: 'osmo-api-gateway-ca',
      names: [
        'osmo-api-gateway.osmo-system.svc',
        'osmo-api-gateway.osmo-system',
        'osmo-api-gateway',
        'localhost',
        '127.0.0.1',
        'osmo.example',
        'osmo.lan',
        '192.0.2.7',
      ],
    });
    for (const key of ['Secret/osmo-api-gateway-tls', 'ConfigMap/osmo-api-gateway-ca']) {
      expect(find(objects, key)).toBeDefined();
      expect(find(objects, key)?.['data']).toBeUndefined();
    }
    const wanted = [...certificatePermissions, ...authorityPermissions];
    expect(rights(objects, 'Role/osmo-api-gateway-tls')).toEqual(rightsOf(wanted).toSorted());
    expect(portName(objects)).toBe('https');
  });
  test('can be by a Secret of somebody else, or of cert-manager, which it reads and never writes', () => {
    const given = render({ apiGateway: { tls: { mode: 'Secret', existingSecret: 'company-tls' } } });
    expect(options(given)).toEqual({ secret: 'company-tls', names: [] });
    expect(rights(given, 'Role/osmo-api-gateway-tls')).toEqual(read.map((verb) => `${verb} core/secrets company-tls`));
    const issued = render({ apiGateway: { tls: { mode: 'CertManager' } } });
    expect(options(issued)).toEqual({ secret: 'osmo-api-gateway-issued', names: [] });
    expect(rights(issued, 'Role/osmo-api-gateway-tls')).toEqual(
      read.map((verb) => `${verb} core/secrets osmo-api-gateway-issued`),
    );
    expect(keys(issued)).toEqual(expect.arrayContaining(['Issuer/osmo-api-gateway', 'Certificate/osmo-api-gateway']));
    expect(find(issued, 'Certificate/osmo-api-gateway')?.['spec']).toMatchObject({
      secretName: 'osmo-api-gateway-issued',
      dnsNames: expect.arrayContaining(['osmo-api-gateway.osmo-system.svc', 'localhost']),
      ipAddresses: ['127.0.0.1'],
    });
    expect(keys(issued)).not.toContain('Secret/osmo-api-gateway-tls');
    const tls = { mode: 'CertManager', names: ['osmo.example'], issuerRef: { name: 'public', kind: 'ClusterIssuer' } };
    const published = render({ apiGateway: { tls } });
    expect(keys(published)).not.toContain('Issuer/osmo-api-gateway');
    expect(find(published, 'Certificate/osmo-api-gateway')?.['spec']).toMatchObject({ dnsNames: ['osmo.example'] });
  });
  test('by a Secret needs its name', () => {
    expect(() => render({ apiGateway: { tls: { mode: 'Secret' } } })).toThrow('existingSecret');
  });
});

describe('NetworkPolicies', () => {
  const parts = ['api-gateway', 'backend-operator', 'controllers', 'webhooks'];
  const policies = (objects: readonly RenderedObject[]): RenderedObject[] =>
    objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const types = (values: object) =>
    policies(render(values)).map(({ spec }) => (spec as { policyTypes: string[] }).policyTypes);

  test('let only what a part serves in; what it may call is limited where somebody says so', () => {
    expect(policies(render()).map(({ metadata }) => metadata.name)).toEqual(parts.map((part) => `osmo-${part}`));
    expect(types({})).toEqual(parts.map(() => ['Ingress']));
    expect(policies(render()).some(({ spec }) => 'egress' in (spec as object))).toBe(false);
    expect(types({ networkPolicy: { enabled: true } })).toEqual(parts.map(() => ['Ingress', 'Egress']));
    expect(types({ networkPolicy: { inbound: false } })).toEqual([]);
  });
  test('of tasks keep them from credentials of nodes and from the cluster, but for DNS, each other and what is named', () => {
    const store = { namespaceSelector: { matchLabels: { app: 'store' } } };
    const tasks = { namespaces: ['team-a', 'team-b'], to: [store], from: [store] };
    const own = policies(render({ networkPolicy: { inbound: false, tasks } }));
    expect(own.map(({ metadata: { namespace, name } }) => [namespace, name])).toEqual([
      ['team-a', 'osmo-tasks'],
      ['team-b', 'osmo-tasks'],
    ]);
    const isTask = { matchExpressions: [{ key: 'osmo.workflow_id', operator: 'Exists' }] };
    const peers = [{ podSelector: isTask }, store];
    expect(own[0]?.['spec']).toEqual({
      podSelector: isTask,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: peers }],
      egress: [
        { to: peers },
        {
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
        {
          to: [
            {
              ipBlock: {
                cidr: '0.0.0.0/0',
                except: ['169.254.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
              },
            },
            { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] } },
          ],
        },
      ],
    });
  });
});
