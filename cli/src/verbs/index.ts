import type { Group } from '../program.ts';
import type { Verb } from '../verb.ts';
import { appVerbs } from './app/index.ts';
import { completionOf } from './completion/completion.ts';
import { configVerbs } from './config/index.ts';
import { credentialVerbs } from './credential/index.ts';
import { authVerbs } from './auth/index.ts';
import { bucketVerbs } from './bucket/index.ts';
import { dataVerbs } from './data/index.ts';
import { datasetVerbs } from './dataset/index.ts';
import { poolVerbs } from './pool/index.ts';
import { profileVerbs } from './profile/index.ts';
import { quotaVerbs } from './quota/index.ts';
import { resourceVerbs } from './resource/index.ts';
import { taskVerbs } from './task/index.ts';
import { tokenVerbs } from './token/index.ts';
import { userVerbs } from './user/index.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { version } from './version.ts';
import { cancel } from './workflow/cancel.ts';
import { events } from './workflow/events.ts';
import { explain } from './workflow/explain.ts';
import { list } from './workflow/list.ts';
import { logs } from './workflow/logs.ts';
import { query } from './workflow/query.ts';
import { restart } from './workflow/restart.ts';
import { spec } from './workflow/spec.ts';
import { submit } from './workflow/submit.ts';
import { tag } from './workflow/tag.ts';
import { validate } from './workflow/validate.ts';

/** Words before verbs. */
export const groups: readonly Group[] = [
  { name: 'workflow', summary: 'submit workflows, and see what becomes of them' },
  { name: 'app', summary: 'share recipes, in versions' },
  { name: 'task', summary: 'what runs now' },
  { name: 'pool', summary: 'where workflows run' },
  { name: 'resource', summary: 'what there is to run on' },
  { name: 'quota', summary: 'how much you may have' },
  { name: 'data', summary: 'what is in object stores' },
  { name: 'dataset', summary: 'data in versions, with names' },
  { name: 'bucket', summary: 'where datasets are kept' },
  { name: 'credential', summary: 'secrets that tasks use' },
  { name: 'profile', summary: 'your settings at the gateway' },
  { name: 'token', summary: 'access tokens, for programs' },
  { name: 'user', summary: 'users of the gateway' },
  { name: 'auth', summary: 'what you may do' },
  { name: 'config', summary: 'gateways that are known here' },
];

const own: readonly Verb[] = [
  login,
  logout,
  version,
  submit,
  validate,
  list,
  query,
  explain,
  logs,
  events,
  spec,
  cancel,
  restart,
  tag,
  ...appVerbs,
  ...taskVerbs,
  ...poolVerbs,
  ...resourceVerbs,
  ...quotaVerbs,
  ...dataVerbs,
  ...datasetVerbs,
  ...bucketVerbs,
  ...credentialVerbs,
  ...profileVerbs,
  ...tokenVerbs,
  ...userVerbs,
  ...authVerbs,
  ...configVerbs,
];

/** Every command, in the order of help and reference. */
export const verbs: readonly Verb[] = [...own, completionOf(groups, own)];
