import type { Fixture } from './fixtures.ts';

/** Kinds of callers, from those who may least. */
export const callers = {
  /** Says nothing of who it is. */
  none: 'no identity',
  /** A JWT of an issuer that nobody here knows, signed well. */
  wrongIssuer: 'no identity',
  /** A token that was good and is revoked. */
  revoked: 'no identity',
  /** An access token of the gateway that was good and is revoked. */
  revokedToken: 'no identity',
  /** The headers by which a proxy tells who is calling, from somebody who is none. */
  forged: 'no identity',
  /** Signed in, without any role. */
  stranger: 'signed in',
  /** The hub identity of a backend. */
  backend: 'signed in',
  /** A service account with the rights of `user`. */
  machine: 'signed in',
  /** ClusterRole osmo-viewer in the namespace. */
  viewer: 'signed in',
  /** ClusterRole osmo-user in the namespace, and `use` on another pool. */
  other: 'signed in',
  /** ClusterRole osmo-user in the namespace, and `use` on the pool. */
  user: 'signed in',
  /** ClusterRole osmo-admin everywhere. */
  admin: 'signed in',
} as const;
export type Caller = keyof typeof callers;

export const everybody = Object.keys(callers) as Caller[];
/** They sign in at an identity provider. */
export const people = ['stranger', 'viewer', 'other', 'user', 'admin'] as const satisfies readonly Caller[];
/** Service accounts of the cluster: they have neither settings nor access tokens of ours. */
export const accounts = ['backend', 'machine'] as const satisfies readonly Caller[];
export const signedIn: Caller[] = [...accounts, ...people];
const viewers: Caller[] = ['machine', 'viewer', 'other', 'user', 'admin'];
const editors: Caller[] = ['machine', 'other', 'user', 'admin'];
const poolUsers: Caller[] = ['machine', 'user', 'admin'];
const admins: Caller[] = ['admin'];
const nobody: Caller[] = [];

/** What is asked, and who is answered; everybody else is refused (401 or 403). */
export interface Row {
  may: readonly Caller[];
  /** Asked for instead of the path itself: `IT` is the fixture of this row, `POOL` the pool. */
  path?: string;
  body?: unknown;
  /** Made anew for each caller, so that a change has something to change. */
  fixture?: Fixture;
  /** Status for those who may; 200 unless it says otherwise. */
  answer?: number;
  /** The same for accounts of the cluster, where it is another. */
  accounts?: number;
  /** What the answer holds for them, and for nobody else: for lists, which are the same for all but in what they show. */
  sees?: { text: string; by: readonly Caller[] };
}

const recipe = { file: "workflow:\n  name: rest\n  tasks:\n  - { name: a, image: busybox, command: ['true'] }\n" };
const app = { file: recipe.file };
const list = (text: string, by: readonly Caller[] = viewers): Row => ({ may: signedIn, sees: { text, by } });
const open: Row = { may: everybody };

/** Every route of the gateway and who may take it. A route that isn't here fails the test. What the gateway doesn't offer is tested by its own lists. */
export const routes: Readonly<Record<string, Row>> = {
  'GET /health': open,
  'GET /api/version': open,
  'GET /client/version': open,
  'GET /api/docs': open,
  'GET /api/openapi.json': open,
  'GET /openapi.json': open,
  'GET /api/auth/login': open,
  'GET /api/auth/keys': open,
  // No identity provider is set up where this is tried.
  'GET /api/auth/browser/login': { may: everybody, answer: 404 },
  'GET /api/auth/browser/callback': { may: everybody, answer: 404 },
  'POST /api/auth/browser/logout': { may: everybody, answer: 404 },
  'GET /api/auth/saml/{name}/metadata': { may: everybody, answer: 404 },
  'GET /api/auth/saml/{name}/login': { may: everybody, answer: 404 },
  // Both take forms, and say so before anything else.
  'POST /api/auth/saml/{name}/acs': { may: everybody, answer: 400 },
  'POST /api/auth/browser/backchannel-logout': { may: everybody, answer: 400 },

  'GET /api/auth/can-i': {
    may: signedIn,
    path: '/api/auth/can-i?do=submit&pool=POOL',
    sees: { text: '"allowed":true,"user"', by: poolUsers },
  },

  'GET /api/workflow': { ...list('w-fixed'), path: '/api/workflow?all_users=true' },
  'GET /api/watch/workflow': { may: signedIn, path: '/api/watch/workflow?all_users=true' },
  'GET /api/workflow/{id}': { may: viewers, path: '/api/workflow/w-fixed' },
  'GET /api/workflow/{id}/spec': { may: viewers, path: '/api/workflow/w-fixed/spec' },
  'GET /api/workflow/{id}/logs': { may: viewers, path: '/api/workflow/w-fixed/logs' },
  'GET /api/workflow/{id}/error_logs': { may: viewers, path: '/api/workflow/w-fixed/error_logs' },
  'GET /api/workflow/{id}/events': { may: viewers, path: '/api/workflow/w-fixed/events?follow=false' },
  'GET /api/workflow/{id}/task/{task}': { may: viewers, path: '/api/workflow/w-fixed/task/a' },
  // Tasks are what the operator of a backend is for.
  'GET /api/task': {
    ...list('w-fixed', ['backend', ...viewers]),
    path: '/api/task?all_users=true&all_pools=true&statuses=FAILED',
  },
  'GET /api/tag': list('fixed-tag'),
  'POST /api/pool/{pool}/workflow': { may: poolUsers, path: '/api/pool/POOL/workflow', body: recipe },
  'POST /api/pool/{pool}/workflow/{id}/restart': {
    may: poolUsers,
    path: '/api/pool/POOL/workflow/IT/restart',
    fixture: 'failed workflow',
  },
  'POST /api/workflow/{id}/cancel': { may: editors, path: '/api/workflow/IT/cancel', fixture: 'workflow' },
  'POST /api/workflow/{id}/tag': { may: editors, path: '/api/workflow/IT/tag?add=x', fixture: 'workflow' },

  'GET /api/app': { ...list('a-fixed'), path: '/api/app?all_users=true' },
  'GET /api/app/user/{name}': { may: viewers, path: '/api/app/user/a-fixed' },
  'GET /api/app/user/{name}/spec': { may: viewers, path: '/api/app/user/a-fixed/spec' },
  'POST /api/app/user/{name}': { may: editors, path: '/api/app/user/IT', body: app.file, fixture: 'name' },
  'PATCH /api/app/user/{name}': { may: editors, path: '/api/app/user/IT', body: app.file, fixture: 'app' },
  'DELETE /api/app/user/{name}': { may: editors, path: '/api/app/user/IT?all_versions=true', fixture: 'app' },
  'POST /api/app/user/{name}/rename': {
    may: editors,
    path: '/api/app/user/IT/rename',
    body: 'IT-renamed',
    fixture: 'app',
  },

  'GET /api/bucket': list('b-fixed'),
  'GET /api/bucket/list_dataset': { ...list('d-fixed'), path: '/api/bucket/list_dataset?all_users=true' },
  'GET /api/bucket/{bucket}': { may: viewers, path: '/api/bucket/b-fixed' },
  'GET /api/bucket/{bucket}/location': { may: viewers, path: '/api/bucket/b-fixed/location' },
  'GET /api/bucket/{bucket}/manifests': { may: viewers, path: '/api/bucket/b-fixed/manifests' },
  'GET /api/bucket/{bucket}/query': { may: viewers, path: '/api/bucket/b-fixed/query?command=name+%3D+%22d-fixed%22' },
  'POST /api/bucket/{bucket}': { may: editors, path: '/api/bucket/IT', body: { url: 's3://a/b' }, fixture: 'name' },
  'PATCH /api/bucket/{bucket}': {
    may: editors,
    path: '/api/bucket/IT',
    body: { description: 'x' },
    fixture: 'bucket',
  },
  'DELETE /api/bucket/{bucket}': { may: editors, path: '/api/bucket/IT', fixture: 'bucket' },
  'GET /api/bucket/{bucket}/dataset/{name}': { may: viewers, path: '/api/bucket/b-fixed/dataset/d-fixed' },
  'GET /api/bucket/{bucket}/dataset/{name}/info': { may: viewers, path: '/api/bucket/b-fixed/dataset/d-fixed/info' },
  'GET /api/bucket/{bucket}/dataset/{name}/provenance': {
    may: viewers,
    path: '/api/bucket/b-fixed/dataset/d-fixed/provenance',
  },
  // Nobody has kept a key for the bucket's store: who may read is told that, everybody else that they may not.
  'GET /api/bucket/{bucket}/dataset/{name}/manifest': {
    may: viewers,
    path: '/api/bucket/b-fixed/dataset/d-fixed/manifest',
    answer: 400,
  },
  'GET /api/bucket/{bucket}/dataset/{name}/file-content': {
    may: viewers,
    path: '/api/bucket/b-fixed/dataset/d-fixed/file-content?path=a',
    answer: 400,
  },
  'POST /api/bucket/{bucket}/dataset/{name}': { may: editors, path: '/api/bucket/b-fixed/dataset/new' },
  'POST /api/bucket/{bucket}/dataset/{name}/attribute': {
    may: editors,
    path: '/api/bucket/b-fixed/dataset/IT/attribute',
    body: { set_label: { a: 'b' } },
    fixture: 'dataset',
  },
  'POST /api/bucket/{bucket}/dataset/{name}/collect': {
    may: editors,
    path: '/api/bucket/b-fixed/dataset/IT/collect?datasets=d-fixed',
    fixture: 'name',
  },
  'POST /api/bucket/{bucket}/dataset/{name}/recollect': {
    may: editors,
    path: '/api/bucket/b-fixed/dataset/IT/recollect?remove_datasets=d-fixed',
    fixture: 'collection',
  },
  'DELETE /api/bucket/{bucket}/dataset/{name}': {
    may: editors,
    path: '/api/bucket/b-fixed/dataset/IT?all_flag=true&finish=true',
    fixture: 'dataset',
  },

  'GET /api/pool': { ...list('POOL', signedIn), path: '/api/pool?all_pools=true' },
  'GET /api/pool_quota': { ...list('POOL', signedIn), path: '/api/pool_quota?all_pools=true' },
  // What everybody has; one's own anybody may see who is signed in: api-gateway/src/quota/quota.test.ts.
  'GET /api/quota': { may: admins, path: '/api/quota?all=true' },
  'GET /api/resources': { may: signedIn, path: '/api/resources?all_pools=true' },
  'GET /api/resources/{name}': { may: signedIn, path: '/api/resources/POOL-node' },

  'GET /api/configs/service': { may: signedIn },
  'GET /api/configs/workflow': { may: signedIn },
  'GET /api/configs/pool': { may: signedIn },
  'GET /api/configs/pool/{name}': { may: signedIn, path: '/api/configs/pool/POOL' },
  'PUT /api/configs/pool/{name}': {
    may: admins,
    path: '/api/configs/pool/IT',
    body: { backend: 'b', platforms: {} },
    fixture: 'pool',
  },
  'PATCH /api/configs/pool/{name}': {
    may: admins,
    path: '/api/configs/pool/IT',
    body: { description: 'x' },
    fixture: 'pool',
  },
  'DELETE /api/configs/pool/{name}': { may: admins, path: '/api/configs/pool/IT', fixture: 'pool' },
  'GET /api/configs/pool/{name}/platform': { may: signedIn, path: '/api/configs/pool/POOL/platform' },
  'GET /api/configs/pool/{name}/platform/{platform}': {
    may: signedIn,
    path: '/api/configs/pool/POOL/platform/POOL',
  },
  'PUT /api/configs/pool/{name}/platform/{platform}': {
    may: admins,
    path: '/api/configs/pool/IT/platform/IT',
    body: { description: 'x' },
    fixture: 'pool',
  },
  'GET /api/configs/backend': { may: ['backend', ...admins] },
  'GET /api/configs/backend/{name}': { may: ['backend', ...admins], path: '/api/configs/backend/POOL' },
  'POST /api/configs/backend/{name}': {
    may: admins,
    path: '/api/configs/backend/IT',
    body: { description: 'x' },
    fixture: 'backend',
  },
  'DELETE /api/configs/backend/{name}': {
    may: admins,
    path: '/api/configs/backend/IT',
    body: { force: true },
    fixture: 'backend',
  },
  'GET /api/configs/pod_template': { may: signedIn },
  'GET /api/configs/pod_template/{name}': { may: signedIn, path: '/api/configs/pod_template/pool.POOL' },
  'PUT /api/configs/pod_template/{name}': {
    may: admins,
    path: '/api/configs/pod_template/pool.IT',
    body: { spec: { hostname: 'other' } },
    fixture: 'pool',
  },
  'DELETE /api/configs/pod_template/{name}': {
    may: admins,
    path: '/api/configs/pod_template/pool.IT',
    fixture: 'pool',
  },
  'GET /api/configs/resource_validation': { may: signedIn },
  'GET /api/configs/resource_validation/{name}': {
    may: signedIn,
    path: '/api/configs/resource_validation/pool.POOL',
  },
  'PUT /api/configs/resource_validation/{name}': {
    may: admins,
    path: '/api/configs/resource_validation/pool.IT',
    body: [],
    fixture: 'pool',
  },
  'DELETE /api/configs/resource_validation/{name}': {
    may: admins,
    path: '/api/configs/resource_validation/pool.IT',
    fixture: 'pool',
  },

  // Everybody's own, and what the namespace shares.
  'GET /api/credentials': { may: editors, sees: { text: 'c-fixed', by: ['user'] } },
  'POST /api/credentials/{name}': {
    may: editors,
    path: '/api/credentials/IT',
    body: { generic_credential: { credential: { key: 'value' } } },
    fixture: 'name',
  },
  'DELETE /api/credentials/{name}': { may: editors, path: '/api/credentials/IT', fixture: 'own credential' },

  'GET /api/profile/settings': { may: signedIn, sees: { text: 'user.NAMESPACE', by: ['user'] } },
  'POST /api/profile/settings': { may: signedIn, body: { email_notification: true }, accounts: 400 },

  // Their own; those of others are an administrator's.
  'POST /api/auth/access_token/{name}': {
    may: signedIn,
    path: '/api/auth/access_token/IT',
    fixture: 'name',
    accounts: 400,
  },
  'GET /api/auth/access_token': { may: signedIn, sees: { text: 't-fixed', by: ['user'] } },
  'GET /api/auth/access_token/{name}/roles': {
    may: signedIn,
    path: '/api/auth/access_token/IT/roles',
    fixture: 'own token',
    accounts: 404,
  },
  'DELETE /api/auth/access_token/{name}': {
    may: signedIn,
    path: '/api/auth/access_token/IT',
    fixture: 'own token',
    accounts: 404,
  },
  'POST /api/auth/user/{user}/access_token/{name}': {
    may: admins,
    path: '/api/auth/user/IT/access_token/made',
    fixture: 'person',
  },
  'GET /api/auth/user/{user}/access_token': { may: admins, path: '/api/auth/user/IT/access_token', fixture: 'person' },
  'GET /api/auth/user/{user}/access_token/{name}/roles': {
    may: admins,
    path: '/api/auth/user/IT/access_token/none/roles',
    fixture: 'person',
    answer: 404,
  },
  'DELETE /api/auth/user/{user}/access_token/{name}': {
    may: admins,
    path: '/api/auth/user/IT/access_token/none',
    fixture: 'person',
    answer: 404,
  },
  'GET /api/users': list('ada'),
  'GET /api/auth/user': { may: admins },
  'POST /api/auth/user': { may: admins, body: { id: 'IT' }, fixture: 'name' },
  'GET /api/auth/user/{user}': { may: admins, path: '/api/auth/user/IT', fixture: 'person' },
  'DELETE /api/auth/user/{user}': { may: admins, path: '/api/auth/user/IT', fixture: 'person' },
  'GET /api/auth/user/{user}/roles': { may: admins, path: '/api/auth/user/IT/roles', fixture: 'person' },
  'GET /api/auth/roles/{role}/users': { may: admins, path: '/api/auth/roles/ROLE/users' },
  // Who gives roles needs one more, which is part of none of these.
  'POST /api/auth/user/{user}/roles': {
    may: nobody,
    path: '/api/auth/user/IT/roles',
    body: { role_name: 'ROLE' },
    fixture: 'person',
  },
  'DELETE /api/auth/user/{user}/roles/{role}': {
    may: nobody,
    path: '/api/auth/user/IT/roles/ROLE',
    fixture: 'person',
  },
  'POST /api/auth/roles/{role}/users': {
    may: nobody,
    path: '/api/auth/roles/ROLE/users',
    body: { user_ids: ['IT'] },
    fixture: 'person',
  },
  // A token is changed for a JWT by whoever has it; this is none.
  'POST /api/auth/jwt/access_token': { may: everybody, body: { token: 'x'.repeat(43) }, answer: 401 },
  'GET /api/auth/jwt/access_token': { may: everybody, answer: 400 },
  'GET /api/plugins/configs': { may: signedIn },
};
