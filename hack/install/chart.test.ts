import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Permission } from '@osmo/kube';
import { parse, stringify } from 'yaml';
import { keyPermissions } from '../../api-gateway/src/identity/keys/permissions.ts';
import { ledgerPermissions } from '../../api-gateway/src/identity/session/permissions.ts';
import { permissions as gatewayPermissions } from '../../api-gateway/src/permissions.ts';
import { clusterPermissions, hubPermissions, logPermissions } from '../../backend-operator/src/permissions.ts';
import { parseSettings } from '../../controllers/src/notifications/settings.ts';
import { permissions } from '../../controllers/src/permissions.ts';
import { certificatePermissions, permissions as webhookPermissions } from '../../webhooks/src/permissions.ts';
import { obtainAll } from '../cluster/components/obtain.ts';
import { staleChartFiles } from './chart-definitions.ts';
import { callHelm } from './helm.ts';
import { objectsOf, renderChart, type RenderedObject, rightsOf } from './rendered-chart.ts';

const { helm = '' } = await obtainAll(['helm'], () => undefined);
const root = join(import.meta.dirname, '../..');
const chart = join(root, 'charts/osmo');
const ownKinds = ['Platform', 'Pool'].map((kind) => `osmo.dev/v1alpha1/${kind}`);
const render = (values: object = {}, apiVersions: readonly string[] = []): RenderedObject[] =>
  objectsOf(renderChart({ helm, chart, values, apiVersions }));
const keys = (objects: readonly RenderedObject[]): string[] =>
  objects.map((object) => `${object.kind}/${object.metadata.name}`).toSorted();
const one = (objects: readonly RenderedObject[], key: string): RenderedObject => {
  const found = objects.filter((object) => `${object.kind}/${object.metadata.name}` === key);
  expect(found.map((object) => `${object.kind}/${object.metadata.name}`)).toEqual([key]);
  return found[0]!;
};
interface PodTemplate {
  spec: {
    serviceAccountName: string;
    securityContext: object;
    containers: { image: string; args: string[]; securityContext: object; env: { name: string }[] }[];
    volumes?: object[];
  };
}
const podOf = (object: RenderedObject): PodTemplate => (object['spec'] as { template: PodTemplate }).template;
const withoutDefinitions = (rendered: string): string =>
  rendered
    .split(/^---\n/m)
    .filter((document) => !document.includes('# Source: osmo/templates/crds.yaml'))
    .join('---\n');

describe('the rendered chart', () => {
  test('with default values', () => expect(withoutDefinitions(renderChart({ helm, chart }))).toMatchSnapshot());
  test('as the compute side of a hub in another cluster', () => {
    const values = {
      crds: { install: false },
      controllers: { enabled: false },
      backendOperator: { backend: 'edge', hub: { kubeconfigSecret: { name: 'hub' }, namespace: 'osmo' } },
    };
    expect(renderChart({ helm, chart, values })).toMatchSnapshot();
  });
  test('as a hub without a backend of its own, with everything optional', () => {
    const values = {
      commonLabels: { team: 'robots' },
      imagePullSecrets: [{ name: 'registry' }],
      image: { registry: 'registry.example/mirror', tag: 'v9' },
      controllers: {
        replicas: 3,
        workers: 8,
        image: { digest: `sha256:${'0'.repeat(64)}` },
        extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
        nodeSelector: { role: 'system' },
        tolerations: [{ key: 'system', operator: 'Exists' }],
        affinity: { nodeAffinity: {} },
        priorityClassName: 'system-cluster-critical',
        podLabels: { a: 'b' },
        podAnnotations: { c: 'd' },
        serviceAccount: { annotations: { e: 'f' } },
      },
      backendOperator: { enabled: false },
      remoteBackends: [{ name: 'lab' }, { name: 'cloud' }],
      defaultPool: { enabled: false },
      metrics: { service: { annotations: { g: 'h' } }, serviceMonitor: { enabled: true, labels: { i: 'j' } } },
      networkPolicy: { enabled: true },
    };
    expect(withoutDefinitions(renderChart({ helm, chart, values }))).toMatchSnapshot();
  });
  test('is the same with the values of a release that had fewer of them: helm upgrade --reuse-values', () => {
    const folder = mkdtempSync(join(tmpdir(), 'osmo-chart-'));
    try {
      cpSync(chart, folder, { recursive: true });
      const rendered = (values: object): string => {
        writeFileSync(join(folder, 'values.yaml'), stringify(values));
        return renderChart({ helm, chart: folder });
      };
      const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Record<string, unknown>;
      const isSection = (value: unknown): value is { resources?: object } =>
        typeof value === 'object' && value !== null && !Array.isArray(value);
      const emptied = Object.entries(values).map(([key, value]) => {
        if (!isSection(value)) return [key, value];
        return [key, value.resources === undefined ? {} : { resources: value.resources }];
      });
      const whole = rendered(values);
      expect(rendered({})).toBe(whole);
      expect(rendered(Object.fromEntries(emptied) as object)).toBe(whole);
      // What is set stays, be it the opposite of a default.
      const off = { webhooks: { enabled: false }, apiGateway: { enabled: false }, crds: { install: false } };
      expect(rendered(off)).toBe(renderChart({ helm, chart, values: off }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  test('passes helm lint', () => {
    const run = callHelm(helm, ['lint', '--strict', '--quiet', chart]);
    expect(run.stdout + run.stderr).not.toMatch(/\[(WARNING|ERROR)\]/);
    expect(run.ok).toBe(true);
  });
});

describe('the resource definitions', () => {
  const plurals = ['workflows', 'tasks', 'pools', 'platforms', 'backends', 'apps', 'appversions'];
  const kinds = [
    ...plurals,
    'buckets',
    'datasets',
    'datasetversions',
    'credentials',
    'users',
    'accesstokens',
    'quotas',
    'quotausages',
  ].map((plural) => `${plural}.osmo.dev`);
  test('are part of the release, so that an upgrade upgrades them, and survive its removal', () => {
    const definitions = render().filter((object) => object.kind === 'CustomResourceDefinition');
    expect(definitions.map((object) => object.metadata.name).toSorted()).toEqual(kinds.toSorted());
    for (const definition of definitions) {
      expect(definition.metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
    }
  });
  test('are those that crds/ generates', () => expect(staleChartFiles(root).map(({ path }) => path)).toEqual([]));
  test('are rendered whole', () => {
    // Helm's YAML writes large numbers as 1e+06, which no integer field takes.
    expect(renderChart({ helm, chart })).not.toMatch(/: [0-9.]+e\+/);
    for (const definition of render().filter((object) => object.kind === 'CustomResourceDefinition')) {
      const file = join(root, 'crds/yaml', `${definition.metadata.name.split('.')[0]}.yaml`);
      expect(definition['spec']).toEqual(objectsOf(readFileSync(file, 'utf8'))[0]!['spec']);
    }
  });
  test('can be left to somebody else, or go with the release', () => {
    expect(keys(render({ crds: { install: false } })).join()).not.toContain('CustomResourceDefinition');
    const definition = render({ crds: { keep: false } }).find((object) => object.kind === 'CustomResourceDefinition');
    expect(definition!.metadata.annotations ?? {}).not.toHaveProperty(['helm.sh/resource-policy']);
  });
});

describe('the default pool', () => {
  const own = ['Platform/default', 'Pool/default'];
  test('is made after the definitions on the first installation', () => {
    const objects = render();
    for (const key of own) {
      expect(one(objects, key).metadata.annotations).toMatchObject({ 'helm.sh/hook': 'post-install,post-upgrade' });
    }
  });
  test('belongs to the release from then on, whoever made it first', () => {
    const objects = render({}, ownKinds);
    for (const key of own) {
      expect(one(objects, key).metadata).toMatchObject({
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'osmo', 'meta.helm.sh/release-namespace': 'osmo-system' },
      });
      expect(one(objects, key).metadata.annotations).not.toHaveProperty(['helm.sh/hook']);
    }
  });
  test('takes further fields, which win', () => {
    const values = {
      defaultPool: { spec: { description: 'mine', scheduler: { type: 'KAI', name: 'kai-scheduler' } } },
    };
    expect(one(render(values), 'Pool/default')['spec']).toEqual({
      backend: 'default',
      platforms: ['default'],
      defaultPlatform: 'default',
      description: 'mine',
      scheduler: { type: 'KAI', name: 'kai-scheduler' },
    });
  });
  test('is a matter of the hub', () =>
    expect(keys(render({ controllers: { enabled: false } }))).not.toEqual(expect.arrayContaining(own)));
});

describe('the processes', () => {
  const deployments = [
    'Deployment/osmo-controllers',
    'Deployment/osmo-backend-operator',
    'Deployment/osmo-api-gateway',
    'Deployment/osmo-webhooks',
  ];
  test.each(deployments)('%s runs without privileges on a read-only file system', (key) => {
    const pod = podOf(one(render(), key));
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
    for (const container of pod.spec.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      });
    }
  });
  test.each([
    ['the chart’s version', {}, 'docker.io/osmo/controllers:0.1.0'],
    ['the common tag', { image: { tag: 'b' } }, 'docker.io/osmo/controllers:b'],
    ['its own tag', { image: { tag: 'b' }, controllers: { image: { tag: 'c' } } }, 'docker.io/osmo/controllers:c'],
    [
      'its digest',
      { controllers: { image: { tag: 'c', digest: `sha256:${'1'.repeat(64)}` } } },
      `docker.io/osmo/controllers@sha256:${'1'.repeat(64)}`,
    ],
  ])('an image is named by %s', (_, values, want) =>
    expect(podOf(one(render(values), deployments[0]!)).spec.containers[0]!.image).toBe(want),
  );
  test('the operator reaches this cluster’s hub as an identity that isn’t its own', () => {
    const objects = render();
    const operator = podOf(one(objects, deployments[1]!));
    expect(operator.spec.serviceAccountName).toBe('osmo-backend-operator');
    expect(JSON.stringify(operator.spec.volumes)).toContain('osmo-backend-default-hub');
    expect(one(objects, 'Secret/osmo-backend-default-hub').metadata.annotations).toEqual({
      'kubernetes.io/service-account.name': 'osmo-backend-default-hub',
    });
  });
  test('every remote backend gets an identity of its own', () => {
    const names = keys(render({ remoteBackends: [{ name: 'lab' }, { name: 'cloud' }] }));
    for (const name of ['default', 'lab', 'cloud']) {
      expect(names).toEqual(
        expect.arrayContaining([
          `ServiceAccount/osmo-backend-${name}-hub`,
          `Secret/osmo-backend-${name}-hub`,
          `ClusterRoleBinding/osmo-backend-${name}-hub`,
          `RoleBinding/osmo-backend-${name}-hub`,
        ]),
      );
    }
  });
});

describe('rights', () => {
  const rights = (key: string): string[] => rightsOf(one(render(), key).rules ?? []);
  test('nothing has a wildcard', () => {
    const values = { remoteBackends: [{ name: 'lab' }] };
    for (const object of render(values)) expect(rightsOf(object.rules ?? []).join('\n')).not.toContain('*');
  });
  test('the hub identity has none over pods, the pod’s own has none over our kinds', () => {
    expect(rights('ClusterRole/osmo-backend-hub').join('\n')).not.toMatch(/core\//);
    const own = rights('ClusterRole/osmo-backend-operator').filter((right) => right.includes(' osmo.dev/'));
    // Whose credentials a pod may see is asked of the cluster that the pod is in.
    expect(own).toEqual(['mount osmo.dev/credentials']);
  });
  test('those who may edit a namespace may run workflows, those who may view it may see them', () => {
    const objects = render();
    expect(one(objects, 'ClusterRole/osmo-view').metadata.labels).toMatchObject({
      'rbac.authorization.k8s.io/aggregate-to-view': 'true',
    });
    expect(rights('ClusterRole/osmo-view').every((right) => /^(get|list|watch) /.test(right))).toBe(true);
    expect(
      rights('ClusterRole/osmo-edit').every((right) =>
        / osmo\.dev\/(workflows|apps|appversions|buckets|datasets|datasetversions|credentials)$/.test(right),
      ),
    ).toBe(true);
    const alone = one(render({ rbac: { aggregate: false } }), 'ClusterRole/osmo-edit');
    expect(JSON.stringify(alone.metadata.labels)).not.toContain('rbac.authorization.k8s.io/aggregate');
  });
  test('everybody who is signed in may submit to the default pool, unless somebody else is named', () => {
    const key = 'ClusterRoleBinding/osmo-pool-default-use';
    expect(rights('ClusterRole/osmo-pool-default-use')).toEqual(['use osmo.dev/pools default']);
    const apiGroup = 'rbac.authorization.k8s.io';
    expect(one(render(), key)['subjects']).toEqual([{ kind: 'Group', name: 'system:authenticated', apiGroup }]);
    const usedBy = [{ kind: 'ServiceAccount', name: 'ci', namespace: 'robots' }];
    expect(one(render({ defaultPool: { usedBy } }), key)['subjects']).toEqual(usedBy);
    for (const defaultPool of [{ usedBy: [] }, { enabled: false }]) {
      expect(keys(render({ defaultPool })).join()).not.toContain('pool-default-use');
    }
  });
  test('the roles to bind are put together of parts, each of them alone of those before', () => {
    const objects = render();
    const parts = (role: string): string[] =>
      objects
        .filter(({ metadata }) => metadata.labels?.[`rbac.osmo.dev/aggregate-to-${role}`] === 'true')
        .map(({ metadata }) => metadata.name);
    for (const role of ['viewer', 'user', 'admin']) {
      const matchLabels = { [`rbac.osmo.dev/aggregate-to-${role}`]: 'true' };
      expect(one(objects, `ClusterRole/osmo-${role}`)['aggregationRule']).toEqual({
        clusterRoleSelectors: [{ matchLabels }],
      });
    }
    expect(parts('viewer')).toContain('osmo-view');
    expect(parts('user')).toEqual(expect.arrayContaining([...parts('viewer'), 'osmo-edit']));
    expect(parts('admin')).toEqual(expect.arrayContaining([...parts('user'), 'osmo-pool-admin']));
    expect(parts('user')).not.toContain('osmo-pool-admin');
  });
  test('can be left to an administrator', () =>
    expect(keys(render({ rbac: { create: false } })).join()).not.toMatch(/Role/));
});

describe('each process has the rights that it says it needs: none is missing, none is too many', () => {
  const have = (kind: 'ClusterRole' | 'Role', name: string): string[] =>
    rightsOf(one(render(), `${kind}/${name}`).rules ?? []);
  test.each<[string, readonly Permission[], string]>([
    ['the controllers', permissions, 'osmo-controllers'],
    ['the gateway', [...gatewayPermissions, ...keyPermissions, ...ledgerPermissions], 'osmo-api-gateway'],
    ['the webhooks', [...webhookPermissions, ...certificatePermissions], 'osmo-webhooks'],
    ['the operator on the hub', hubPermissions, 'osmo-backend-hub'],
    ['the operator in its cluster', clusterPermissions, 'osmo-backend-operator'],
  ])('%s', (_, wanted, role) => {
    const [inNamespace, everywhere] = [true, false].map((here) => wanted.filter((rule) => !!rule.namespaced === here));
    expect(have('ClusterRole', role)).toEqual(rightsOf(everywhere!));
    const hasRole = keys(render()).includes(`Role/${role}`);
    expect(hasRole ? have('Role', role) : []).toEqual(rightsOf(inNamespace!));
  });
});

describe('the object store', () => {
  const url = 's3://osmo?endpoint=http://s3.example:9000&region=eu-1';
  const values = { objectStore: { url, existingSecret: 'store-keys', ports: [9000] } };
  const containerOf = (name: string, more: object = {}) =>
    podOf(one(render({ ...values, ...more }), name)).spec.containers[0]!;

  test('is one for all who need it, with credentials from a Secret', () => {
    const flags = { controllers: '--archive-url', 'backend-operator': '--log-url', 'api-gateway': '--store-url' };
    for (const [component, flag] of Object.entries(flags)) {
      const container = containerOf(`Deployment/osmo-${component}`);
      expect(container.args).toContain(`${flag}=${url}`);
      expect(container).toMatchObject({ envFrom: expect.arrayContaining([{ secretRef: { name: 'store-keys' } }]) });
    }
    const policies = render({ ...values, networkPolicy: { enabled: true } });
    const port = expect.arrayContaining([{ ports: [{ port: 9000, protocol: 'TCP' }] }]);
    for (const component of Object.keys(flags)) {
      expect(one(policies, `NetworkPolicy/osmo-${component}`)).toMatchObject({ spec: { egress: port } });
    }
  });
  test('can be another one for records, with credentials of its own', () => {
    const archive = { url: 's3://records', existingSecret: 'record-keys' };
    const container = containerOf('Deployment/osmo-controllers', { controllers: { archive } });
    expect(container.args).toContain('--archive-url=s3://records');
    expect(container).toMatchObject({ envFrom: [{ secretRef: { name: 'record-keys' } }] });
  });
  test('gives its keys to the pods of tasks only where that is said; outputs have another one or none', () => {
    const name = 'Deployment/osmo-backend-operator';
    const prefixed = (secret: string) => ({ prefix: 'OSMO_DATA_', secretRef: { name: secret } });
    const same = containerOf(name, { data: { shareObjectStore: true } });
    expect(same.args).toContain(`--data-url=${url}`);
    expect(same).toMatchObject({ envFrom: [{ secretRef: { name: 'store-keys' } }, prefixed('store-keys')] });
    const other = containerOf(name, { data: { url: 's3://outputs', existingSecret: 'output-keys' } });
    expect(other.args).toContain('--data-url=s3://outputs');
    expect(other).toMatchObject({ envFrom: [{ secretRef: { name: 'store-keys' } }, prefixed('output-keys')] });
    const identity = containerOf(name, { data: { url: 's3://outputs' } });
    expect(identity).toMatchObject({ envFrom: [{ secretRef: { name: 'store-keys' } }] });
    const none = containerOf(name);
    expect(none.args?.filter((arg) => arg.startsWith('--data-url'))).toEqual([]);
    expect(none).toMatchObject({ envFrom: [{ secretRef: { name: 'store-keys' } }] });
  });
  test('gives the operator the rights to store logs, and no more', () => {
    const have = rightsOf(one(render(values), 'ClusterRole/osmo-backend-operator').rules ?? []);
    const everywhere = clusterPermissions.filter(({ namespaced }) => namespaced !== true);
    expect(have).toEqual(rightsOf([...everywhere, ...logPermissions]));
    expect(have.filter((right) => right.includes('secrets')).toSorted()).toEqual([
      'create core/secrets',
      'get core/secrets',
    ]);
  });
  test('that is not there is nobody’s concern', () => {
    const text = withoutDefinitions(renderChart({ helm, chart }));
    for (const word of ['--log-url', '--store-url', '--archive-url', 'envFrom', 'pods/log, secrets']) {
      expect(text).not.toContain(word);
    }
  });
});

describe('the gateway', () => {
  const hubElsewhere = {
    controllers: { enabled: false },
    backendOperator: { hub: { kubeconfigSecret: { name: 'h' } } },
  };
  test('is a matter of the hub, and can be left out there', () => {
    expect(keys(render())).toEqual(expect.arrayContaining(['Service/osmo-api-gateway']));
    for (const values of [hubElsewhere, { apiGateway: { enabled: false } }]) {
      expect(keys(render({ ...values, networkPolicy: { enabled: true } })).join()).not.toContain('api-gateway');
    }
  });
  test('believes nobody’s word unless that is switched on, and then only what the chart’s own roles allow', () => {
    expect(podOf(one(render(), 'Deployment/osmo-api-gateway')).spec.containers[0]!.args).not.toContain('--dev');
    expect(keys(render()).filter((key) => key.includes('-dev-'))).toEqual([]);
    const dev = render({ apiGateway: { dev: { enabled: true } } });
    expect(podOf(one(dev, 'Deployment/osmo-api-gateway')).spec.containers[0]!.args).toContain('--dev');
    expect(keys(dev).filter((key) => key.includes('-dev-'))).toEqual(
      ['credential-admin', 'edit', 'pool-admin', 'role-admin', 'settings', 'user-admin', 'view'].map(
        (role) => `ClusterRoleBinding/osmo-api-gateway-dev-${role}`,
      ),
    );
  });
  test('knows the identity providers that it is told of, and starts anew when that changes', () => {
    expect(keys(render())).not.toContain('ConfigMap/osmo-api-gateway-auth');
    const config = { jwt: [{ issuer: { url: 'https://id.example', audiences: ['osmo'] } }] };
    const auth = { config, existingSecret: 'clients', ports: [8443] };
    const values = { apiGateway: { publicUrl: 'https://osmo.example', auth }, networkPolicy: { enabled: true } };
    const objects = render(values);
    const deployment = one(objects, 'Deployment/osmo-api-gateway');
    const { containers, volumes } = podOf(deployment).spec;
    expect(containers[0]!.args).toEqual(
      expect.arrayContaining(['--public-url=https://osmo.example', '--auth-config=/etc/osmo/auth/auth.yaml']),
    );
    expect(volumes).toEqual([
      { name: 'auth', configMap: { name: 'osmo-api-gateway-auth' } },
      { name: 'auth-secrets', secret: { secretName: 'clients', defaultMode: 0o440 } },
    ]);
    const stored = one(objects, 'ConfigMap/osmo-api-gateway-auth')['data'] as Record<string, string>;
    expect(parse(stored['auth.yaml'] ?? '')).toEqual(config);
    expect(JSON.stringify(one(objects, 'NetworkPolicy/osmo-api-gateway')['spec'])).toContain('"port":8443');
    const mark = (object: RenderedObject): unknown =>
      (podOf(object) as { metadata?: { annotations?: Record<string, string> } }).metadata?.annotations?.[
        'osmo.dev/auth-config'
      ];
    const other = render({ ...values, apiGateway: { ...values.apiGateway, auth: { ...auth, config: { jwt: [] } } } });
    expect(mark(one(other, 'Deployment/osmo-api-gateway'))).not.toBe(mark(deployment));
  });
  test('is reached on its port only where policies are made', () => {
    const policy = one(render({ networkPolicy: { enabled: true } }), 'NetworkPolicy/osmo-api-gateway');
    expect(JSON.stringify(policy['spec'])).toContain('"port":8000');
  });
});

describe('notifications', () => {
  test('are off by default: no settings, no volume', () => {
    expect(keys(render()).filter((key) => key.includes('notifications'))).toEqual([]);
    expect(podOf(one(render(), 'Deployment/osmo-controllers')).spec.volumes).toBeUndefined();
  });
  test('are settings that the controllers can read, with each Secret as files', () => {
    const objects = render({
      outgoing: { allow: ['10.0.0.0/8'] },
      notifications: {
        ...{ enabled: true, publicUrl: 'https://osmo.example.com', slackSecret: 'slack' },
        smtp: { host: 'mail', from: 'osmo@example.com', credentialSecret: 'smtp', caSecret: 'smtp' },
        webhooks: [
          { name: 'ops', url: 'https://a.example', secret: 'ops', on: 'Failed' },
          { name: 'lab', urlSecret: 'slack', format: 'Slack', namespaces: ['lab'] },
        ],
      },
    });
    const { data } = one(objects, 'ConfigMap/osmo-controllers-notifications') as unknown as { data: object };
    const at = '/etc/osmo/notification-secrets';
    expect(parseSettings((data as Record<string, string>)['settings.json'] ?? '')).toEqual({
      ...{
        publicUrl: 'https://osmo.example.com',
        allow: ['10.0.0.0/8'],
        ownWebhooks: true,
        slackUrlFile: `${at}/slack/url`,
      },
      smtp: {
        ...{ host: 'mail', port: 587, tls: 'Required', from: 'osmo@example.com', recipientDomains: [] },
        ...{ userFile: `${at}/smtp/username`, passwordFile: `${at}/smtp/password`, caFile: `${at}/smtp/ca.crt` },
      },
      webhooks: [
        {
          name: 'ops',
          url: 'https://a.example',
          secretFile: `${at}/ops/secret`,
          format: 'CloudEvents',
          on: 'Failed',
          namespaces: [],
        },
        { name: 'lab', urlFile: `${at}/slack/url`, format: 'Slack', on: 'Ended', namespaces: ['lab'] },
      ],
    });
    const { volumes, containers } = podOf(one(objects, 'Deployment/osmo-controllers')).spec;
    expect(volumes).toEqual([
      { name: 'notifications', configMap: { name: 'osmo-controllers-notifications' } },
      ...['ops', 'slack', 'smtp'].map((secretName, index) => ({
        name: `notification-secret-${index}`,
        secret: { secretName },
      })),
    ]);
    expect(containers[0]?.args).toContain('--notifications=/etc/osmo/notifications/settings.json');
  });
});

describe('the webhooks', () => {
  interface Webhook {
    name: string;
    failurePolicy: string;
    clientConfig: { caBundle?: string; service: { name: string; path: string } };
    namespaceSelector?: object;
    rules: { apiGroups: string[]; resources: string[]; operations: string[] }[];
  }
  const configurations = ['ValidatingWebhookConfiguration/osmo-webhooks', 'MutatingWebhookConfiguration/osmo-webhooks'];
  const webhooksOf = (values: object = {}): Webhook[] =>
    configurations.flatMap((key) => one(render(values), key)['webhooks'] as Webhook[]);
  test('are asked about our kinds alone, and never about a status or a deletion', () => {
    for (const { rules } of webhooksOf()) {
      for (const { apiGroups, resources, operations } of rules) {
        expect(apiGroups).toEqual(['osmo.dev']);
        expect(resources).toEqual(['workflows']);
        expect(operations.filter((operation) => !['CREATE', 'UPDATE'].includes(operation))).toEqual([]);
      }
    }
  });
  test('leave the verdict to the controllers when nobody answers, but give no workflow another pool than it should have', () => {
    const policies = (values: object) => webhooksOf(values).map(({ failurePolicy }) => failurePolicy);
    expect(policies({})).toEqual(['Ignore', 'Ignore', 'Fail', 'Fail']);
    expect(policies({ webhooks: { failurePolicy: 'Fail' } })).toEqual(['Fail', 'Fail', 'Fail', 'Fail']);
    const [, , apps, defaults] = webhooksOf();
    // What the app says may be a pool.
    expect(apps!.clientConfig.service.path).toBe('/render');
    expect(JSON.stringify(defaults!.namespaceSelector)).toContain('osmo.dev/default-pool');
  });
  test('say themselves whom to trust, unless cert-manager does', () => {
    for (const { clientConfig } of webhooksOf()) expect(clientConfig.caBundle).toBeUndefined();
    expect(one(render(), 'Secret/osmo-webhooks-tls')['data']).toBeUndefined();
    const values = { webhooks: { certManager: { enabled: true } } };
    const objects = render(values);
    for (const key of configurations) {
      expect(one(objects, key).metadata.annotations).toEqual({
        'cert-manager.io/inject-ca-from': 'osmo-system/osmo-webhooks',
      });
    }
    expect(keys(objects)).toEqual(expect.arrayContaining(['Certificate/osmo-webhooks', 'Issuer/osmo-webhooks']));
    expect(one(objects, 'Certificate/osmo-webhooks')['spec']).toMatchObject({ secretName: 'osmo-webhooks-issued' });
    // What is renewed is of the same authority: nobody has to be told of a new one.
    expect(one(objects, 'Issuer/osmo-webhooks')['spec']).toEqual({ ca: { secretName: 'osmo-webhooks-authority' } });
    expect(one(objects, 'Certificate/osmo-webhooks-authority')['spec']).toMatchObject({
      ...{ isCA: true, secretName: 'osmo-webhooks-authority' },
      issuerRef: { name: 'osmo-webhooks-self-signed' },
    });
    expect(keys(objects)).not.toContain('Secret/osmo-webhooks-tls');
    expect(podOf(one(objects, 'Deployment/osmo-webhooks')).spec.containers[0]!.args).toContain(
      '--external-certificates',
    );
    expect(rightsOf(one(objects, 'ClusterRole/osmo-webhooks').rules ?? []).join()).not.toContain(
      'admissionregistration',
    );
    expect(rightsOf(one(objects, 'Role/osmo-webhooks').rules ?? [])).toEqual(
      ['get', 'list', 'watch'].map((verb) => `${verb} core/secrets osmo-webhooks-issued`),
    );
    const own = { webhooks: { certManager: { enabled: true, issuerRef: { name: 'company', kind: 'ClusterIssuer' } } } };
    expect(keys(render(own))).not.toContain('Issuer/osmo-webhooks');
  });
  test('read Secrets of others only in namespaces where somebody says so', () => {
    expect(keys(render()).filter((key) => key.includes('webhooks-credentials'))).toEqual([]);
    const objects = render({ webhooks: { credentialNamespaces: ['team-a'] } });
    expect(one(objects, 'RoleBinding/osmo-webhooks-credentials').metadata.namespace).toBe('team-a');
    expect(rightsOf(one(objects, 'ClusterRole/osmo-webhooks-credentials').rules ?? [])).toEqual(['list core/secrets']);
  });
  test('are a matter of the hub, and can be left out there', () => {
    const hubElsewhere = {
      controllers: { enabled: false },
      backendOperator: { hub: { kubeconfigSecret: { name: 'h' } } },
    };
    for (const values of [hubElsewhere, { webhooks: { enabled: false } }]) {
      expect(keys(render({ ...values, networkPolicy: { enabled: true } })).join()).not.toContain('webhooks');
    }
  });
});

describe('what happens to finished workflows', () => {
  const controllers = (values: object) =>
    podOf(one(render({ controllers: values }), 'Deployment/osmo-controllers')).spec;
  const flags = (values: object): string[] =>
    (controllers(values).containers[0]?.args ?? []).filter((flag) => /^--(ttl|archive)/.test(flag));

  test('is nothing, unless somebody says so', () => {
    expect(flags({})).toEqual([]);
    expect(flags({ ttlSecondsAfterFinished: 0 })).toEqual(['--ttl-seconds-after-finished=0']);
    expect(flags({ ttlSecondsAfterFinished: 31_536_000 })).toEqual(['--ttl-seconds-after-finished=31536000']);
  });
  test('is that their records go to a bucket, with credentials from a Secret', () => {
    const url = 's3://records/osmo?endpoint=https://s3.example:9000&pathStyle=true';
    const archive = { url, existingSecret: 'bucket-keys', ports: [9000] };
    expect(flags({ archive })).toEqual([`--archive-url=${url}`]);
    const [container] = controllers({ archive }).containers;
    expect(container).toMatchObject({ envFrom: [{ secretRef: { name: 'bucket-keys' } }] });
    const policies = render({ controllers: { archive }, networkPolicy: { enabled: true } });
    const port = expect.arrayContaining([{ ports: [{ port: 9000, protocol: 'TCP' }] }]);
    expect(one(policies, 'NetworkPolicy/osmo-controllers')).toMatchObject({ spec: { egress: port } });
    expect(one(policies, 'NetworkPolicy/osmo-backend-operator')).not.toMatchObject({ spec: { egress: port } });
  });
  test('is that their records go to a volume', () => {
    const pod = controllers({ archive: { url: 'file:///archive', existingClaim: 'records' } });
    expect(pod.volumes).toEqual([{ name: 'archive', persistentVolumeClaim: { claimName: 'records' } }]);
    expect(pod.containers[0]).toMatchObject({ volumeMounts: [{ name: 'archive', mountPath: '/archive' }] });
  });
});

describe('wrong values are refused, by name', () => {
  test.each([
    ['an unknown key', { replicas: 2 }, 'replicas'],
    ['an unknown key further down', { controllers: { image: { tags: 'x' } } }, 'tags'],
    ['a wrong type', { controllers: { replicas: 'two' } }, '/controllers/replicas'],
    ['a negative number', { backendOperator: { replicas: -1 } }, '/backendOperator/replicas'],
    ['a wrong level', { controllers: { logLevel: 'loud' } }, '/controllers/logLevel'],
    ['a name that no object can have', { backendOperator: { backend: 'My_Backend' } }, '/backendOperator/backend'],
    ['a digest that isn’t one', { controllers: { image: { digest: 'latest' } } }, '/controllers/image/digest'],
    ['a hub without TLS', { backendOperator: { hub: { server: 'http://hub' } } }, '/backendOperator/hub/server'],
    [
      'a store of a kind that is not there',
      { controllers: { archive: { url: 'gs://x' } } },
      '/controllers/archive/url',
    ],
    ['two backends of one name', { remoteBackends: [{ name: 'default' }] }, 'a name of its own'],
  ])('%s', (_, values, message) => expect(() => render(values)).toThrow(message));
});
