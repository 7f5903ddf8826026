import { Destinations } from '@osmo/kube/outgoing';

/** When a channel is told. */
export type Occasion = 'Ended' | 'Failed';

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `Required`: STARTTLS before anything else; `Implicit`: TLS from the first byte; `None`: in the clear. */
  readonly tls: 'Required' | 'Implicit' | 'None';
  readonly from: string;
  /** Files with the name and the password; both or none. */
  readonly userFile?: string;
  readonly passwordFile?: string;
  /** File with authorities to trust instead of the usual ones, PEM. */
  readonly caFile?: string;
  /** Domains that mail may go to; empty: all. */
  readonly recipientDomains: readonly string[];
}

export interface WebhookSettings {
  readonly name: string;
  /** One of the two. */
  readonly url?: string;
  readonly urlFile?: string;
  /** File with the key that calls are signed with. */
  readonly secretFile?: string;
  readonly format: 'CloudEvents' | 'Slack';
  readonly on: Occasion;
  /** Only of these namespaces; empty: of all. */
  readonly namespaces: readonly string[];
}

/** Who is told of the ends of workflows, as the administrator set it. Secrets are in files, which are read at each use. */
export interface NotificationSettings {
  /** Address of the gateway for people, for links. */
  readonly publicUrl?: string;
  /** Destinations that may be called although they are private: see `Outgoing`. */
  readonly allow: readonly string[];
  /** Whether the web hooks that workflows name themselves are called. */
  readonly ownWebhooks: boolean;
  readonly smtp?: SmtpSettings;
  /** Where users are told who want it by Slack: a file with the URL of an incoming web hook. */
  readonly slackUrlFile?: string;
  readonly webhooks: readonly WebhookSettings[];
}

/** A settings file that can't be used; the message names the field, the value and what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the settings, as JSON.
 *
 * @throws SettingsError
 */
export function parseSettings(text: string): NotificationSettings {
  const all = objectAt(parsed(text), 'settings', [
    ...['publicUrl', 'allow', 'ownWebhooks', 'smtp', 'slackUrlFile', 'webhooks'],
  ]);
  const publicUrl = textAt(all, 'publicUrl');
  const slackUrlFile = textAt(all, 'slackUrlFile');
  const webhooks = listAt(all, 'webhooks').map((item, index) => webhookAt(item, `webhooks[${index}]`));
  const names = webhooks.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) wrong('webhooks', twice, 'names must be unique');
  return {
    ...(publicUrl !== undefined && { publicUrl: publicUrl.replace(/\/+$/, '') }),
    allow: destinationsAt(all),
    ownWebhooks: flagAt(all, 'ownWebhooks', true),
    ...(all['smtp'] !== undefined && { smtp: smtpAt(all['smtp']) }),
    ...(slackUrlFile !== undefined && { slackUrlFile }),
    webhooks,
  };
}

function smtpAt(value: unknown): SmtpSettings {
  const keys = ['host', 'port', 'tls', 'from', 'userFile', 'passwordFile', 'caFile', 'recipientDomains'];
  const smtp = objectAt(value, 'smtp', keys);
  const port = smtp['port'] ?? 587;
  if (!Number.isInteger(port) || Number(port) < 1 || Number(port) > 65_535)
    wrong('smtp.port', port, 'must be 1 to 65535');
  const [userFile, passwordFile] = [textAt(smtp, 'userFile', 'smtp.'), textAt(smtp, 'passwordFile', 'smtp.')];
  if ((userFile === undefined) !== (passwordFile === undefined)) {
    wrong('smtp.passwordFile', passwordFile, 'must be set beside userFile, and only then');
  }
  const caFile = textAt(smtp, 'caFile', 'smtp.');
  return {
    host: requiredAt(smtp, 'host', 'smtp.'),
    port: Number(port),
    tls: wordAt(smtp, 'tls', ['Required', 'Implicit', 'None'], 'Required', 'smtp.'),
    from: requiredAt(smtp, 'from', 'smtp.'),
    ...(userFile !== undefined && { userFile }),
    ...(passwordFile !== undefined && { passwordFile }),
    ...(caFile !== undefined && { caFile }),
    recipientDomains: textsAt(smtp, 'recipientDomains', 'smtp.').map((domain) => domain.toLowerCase()),
  };
}

function webhookAt(value: unknown, path: string): WebhookSettings {
  const keys = ['name', 'url', 'urlFile', 'secretFile', 'format', 'on', 'namespaces'];
  const at = `${path}.`;
  const webhook = objectAt(value, path, keys);
  const [url, urlFile] = [textAt(webhook, 'url', at), textAt(webhook, 'urlFile', at)];
  if ((url === undefined) === (urlFile === undefined))
    wrong(`${path}.url`, url, 'exactly one of url and urlFile must be set');
  if (url !== undefined && !URL.canParse(url)) wrong(`${path}.url`, url, 'must be a URL');
  const name = requiredAt(webhook, 'name', at);
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) wrong(`${path}.name`, name, 'must be a DNS label');
  const secretFile = textAt(webhook, 'secretFile', at);
  return {
    name,
    ...(url !== undefined && { url }),
    ...(urlFile !== undefined && { urlFile }),
    ...(secretFile !== undefined && { secretFile }),
    format: wordAt(webhook, 'format', ['CloudEvents', 'Slack'], 'CloudEvents', at),
    on: wordAt(webhook, 'on', ['Ended', 'Failed'], 'Ended', at),
    namespaces: textsAt(webhook, 'namespaces', at),
  };
}

function destinationsAt(all: Fields): readonly string[] {
  const allow = textsAt(all, 'allow');
  try {
    void new Destinations(allow);
  } catch (error) {
    throw new SettingsError(`allow: ${(error as Error).message}`, { cause: error });
  }
  return allow;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingsError('the settings of notifications are not JSON', { cause: error });
  }
}

function wrong(path: string, value: unknown, what: string): never {
  throw new SettingsError(`${path}: ${value === undefined ? '' : `${JSON.stringify(value)}: `}${what}`);
}

function objectAt(value: unknown, path: string, keys: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong(path, value, 'must be an object');
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) wrong(`${path}.${unknown}`, undefined, `is unknown; allowed are ${keys.join(', ')}`);
  return value as Fields;
}

function textAt(fields: Fields, key: string, at = ''): string | undefined {
  const value = fields[key];
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' ? value : wrong(`${at}${key}`, value, 'must be text');
}

function requiredAt(fields: Fields, key: string, at = ''): string {
  return textAt(fields, key, at) ?? wrong(`${at}${key}`, undefined, 'must be set');
}

function flagAt(fields: Fields, key: string, otherwise: boolean): boolean {
  const value = fields[key] ?? otherwise;
  return typeof value === 'boolean' ? value : wrong(key, value, 'must be true or false');
}

function wordAt<const Word extends string>(
  fields: Fields,
  key: string,
  words: readonly Word[],
  otherwise: Word,
  at: string,
): Word {
  const value = fields[key] ?? otherwise;
  return words.find((word) => word === value) ?? wrong(`${at}${key}`, value, `must be one of ${words.join(', ')}`);
}

function listAt(fields: Fields, key: string, at = ''): readonly unknown[] {
  const value = fields[key] ?? [];
  return Array.isArray(value) ? value : wrong(`${at}${key}`, value, 'must be a list');
}

function textsAt(fields: Fields, key: string, at = ''): string[] {
  return listAt(fields, key, at).map((item, index) =>
    typeof item === 'string' && item !== '' ? item : wrong(`${at}${key}[${index}]`, item, 'must be text'),
  );
}
