import { RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Settings } from '../system/operations.ts';

const tag = 'Configuration';

/** Settings of the service, which are values of its Helm chart: to be read here, and written there. */
export function settingsOperations({ publicUrl, clients }: Pick<Settings, 'publicUrl' | 'clients'>): Operation[] {
  const service = {
    service_base_url: publicUrl ?? '',
    cli_config: {
      latest_version: clients.latest ?? null,
      min_supported_version: clients.minimum ?? null,
      client_install_url: clients.installUrl ?? null,
    },
  };
  const workflow = { plugins_config: { rsync: { enabled: false } } };
  const read = (name: string, json: object): Operation =>
    operation({
      id: `get${name[0]?.toUpperCase()}${name.slice(1)}Config`,
      action: 'config:Read',
      method: 'get',
      path: `/api/configs/${name}`,
      tag,
      summary: `Reads what is set for ${name === 'service' ? 'the service' : 'workflows'}, as far as the gateway knows`,
      answer: { description: 'Settings; they are written as values of the Helm chart.', schema: { type: 'object' } },
      handle: () => ({ json }),
    });
  return [read('service', service), read('workflow', workflow)];
}

const chart = 'settings are values of the Helm chart: change them there and run helm upgrade';
const git =
  'configurations are Kubernetes resources, whose history is where they are kept, such as in Git: this gateway keeps none';
const roles =
  'roles are those of the Kubernetes cluster, which know neither Deny nor patterns of pools, so that none is made of this one: bind view or edit in the namespace of a team, osmo-pool-admin for those who manage pools; docs/moving-from-upstream.md has each action';

/** What upstream's retired configuration endpoints say, and this gateway too: 409, with where it is done. */
const elsewhere: readonly { paths: readonly string[]; methods: readonly Operation['method'][]; message: string }[] = [
  { paths: ['/api/configs/service', '/api/configs/workflow'], methods: ['put', 'patch'], message: chart },
  { paths: ['/api/configs/service/clean'], methods: ['post'], message: chart },
  { paths: ['/api/configs/history', '/api/configs/diff'], methods: ['get'], message: git },
  {
    paths: ['/api/configs/history/rollback', '/api/configs/history/{type}/revision/{revision}/tags'],
    methods: ['post'],
    message: git,
  },
  { paths: ['/api/configs/history/{type}/revision/{revision}'], methods: ['delete'], message: git },
  {
    paths: ['/api/configs/pool'],
    methods: ['put'],
    message: 'pools are written one by one: PUT /api/configs/pool/NAME',
  },
  {
    paths: ['/api/configs/pool/{name}/rename', '/api/configs/pool/{name}/platform/{platform}/rename'],
    methods: ['put'],
    message: 'resources keep their names: make another one and delete this',
  },
  { paths: ['/api/configs/role'], methods: ['get', 'put'], message: roles },
  { paths: ['/api/configs/role/{name}'], methods: ['get', 'put', 'delete'], message: roles },
  {
    paths: ['/api/configs/group_template', '/api/configs/group_template/{name}'],
    methods: ['get', 'put', 'delete'],
    message: 'there are no group templates: keep such objects beside the pool, in Git',
  },
  {
    paths: ['/api/configs/backend_test', '/api/configs/backend_test/{name}'],
    methods: ['get', 'put', 'patch', 'delete'],
    message:
      'there are no tests of backends: a CronJob on the backend can put conditions on nodes, which node_conditions of the backend read',
  },
  {
    paths: ['/api/configs/dataset', '/api/configs/dataset/{name}'],
    methods: ['get', 'put', 'patch', 'delete'],
    message: 'buckets are Bucket resources: "osmo bucket create" (POST /api/bucket/{bucket}), or kubectl, makes one',
  },
];

/** Refusals of what is configured elsewhere; not in the document of the API. */
export function configuredElsewhere(): Operation[] {
  return elsewhere.flatMap(({ paths, methods, message }) =>
    paths.flatMap((path) =>
      methods.map((method) =>
        operation({
          id: 'configuredElsewhere',
          action: method === 'get' ? 'config:Read' : method === 'delete' ? 'config:Delete' : 'config:Update',
          method,
          path,
          tag,
          summary: message,
          answer: { description: 'Never.' },
          handle() {
            throw new RequestError(409, 'USER', `${method.toUpperCase()} ${path}: ${message}`);
          },
        }),
      ),
    ),
  );
}
