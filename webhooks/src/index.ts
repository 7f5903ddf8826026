export { type CertificatePolicy, defaultPolicy } from '@osmo/kube/certificates';
export { type Options, parseOptions } from './options.ts';
export { certificatePermissions, permissions } from './permissions.ts';
export { version } from './version.ts';
export { runWebhooks, type WebhooksDependencies } from './webhooks.ts';
