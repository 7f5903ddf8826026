import { createHash } from 'node:crypto';
import { type User, userObjectName, type Workflow } from '@osmo/crds';
import { submitterOf } from '../quota/alive.ts';
import type { NotificationSettings, Occasion, WebhookSettings } from './settings.ts';

/** Somebody who is to be told of the end of a workflow. `id` is theirs in its status. */
export type Target =
  | { readonly id: string; readonly kind: 'Mail'; readonly to: string }
  | { readonly id: string; readonly kind: 'Slack'; readonly urlFile: string }
  | { readonly id: string; readonly kind: 'Webhook'; readonly webhook: WebhookSettings }
  | { readonly id: string; readonly kind: 'Own'; readonly url: string };

/** What the settings of people are found in. */
export interface People {
  get(namespace: undefined, name: string): User | undefined;
}

/**
 * All who are to be told of the end of a workflow: the administrator's web hooks, its submitter as they wish, and the web
 * hooks that it names itself. The same for the same settings, so that what is left to do can be found again after any restart.
 */
export function targetsOf(workflow: Workflow, settings: NotificationSettings, people: People | undefined): Target[] {
  const { namespace = '' } = workflow.metadata;
  const wants = (on: Occasion): boolean => on === 'Ended' || workflow.status?.phase === 'Failed';
  const own = settings.ownWebhooks ? (workflow.spec.notifications ?? []) : [];
  return [
    ...settings.webhooks
      .filter(({ on, namespaces }) => wants(on) && (namespaces.length === 0 || namespaces.includes(namespace)))
      .map((webhook): Target => ({ id: `webhook/${webhook.name}`, kind: 'Webhook', webhook })),
    ...ofSubmitter(submitterOf(workflow), settings, people),
    ...own.filter(({ on }) => wants(on)).map(({ url }): Target => ({ id: `own/${digest(url)}`, kind: 'Own', url })),
  ];
}

function ofSubmitter(user: string, { smtp, slackUrlFile }: NotificationSettings, people: People | undefined): Target[] {
  const person = user === '' ? undefined : people?.get(undefined, userObjectName(user));
  if (person === undefined) return [];
  const { email = false, slack = false } = person.spec.notifications ?? {};
  // The name of many users is their address.
  const to = [person.spec.email, person.status?.email, user].find((text) => text?.includes('@') === true);
  const isMailed = email && smtp !== undefined && to !== undefined && mayMail(to, smtp.recipientDomains);
  return [
    ...(isMailed ? [{ id: 'email', kind: 'Mail' as const, to }] : []),
    ...(slack && slackUrlFile !== undefined ? [{ id: 'slack', kind: 'Slack' as const, urlFile: slackUrlFile }] : []),
  ];
}

function mayMail(to: string, domains: readonly string[]): boolean {
  const domain = to.slice(to.lastIndexOf('@') + 1).toLowerCase();
  return domains.length === 0 || domains.includes(domain);
}

/** A URL may be a secret; the status of a workflow is not the place for it. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
