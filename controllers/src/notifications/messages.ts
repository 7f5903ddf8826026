import type { Notice } from './notice.ts';

/** Type of the event; the part after `workflow.` is what happened. */
export const eventType = 'dev.osmo.workflow.ended';

/** A CloudEvent 1.0 in structured mode, as text. */
export function cloudEvent(notice: Notice): string {
  const { id, namespace, name, completionTime } = notice;
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: `/osmo/namespaces/${namespace}/workflows`,
    type: eventType,
    subject: name,
    time: completionTime,
    datacontenttype: 'application/json',
    data: notice,
  });
}

/** A message for an incoming web hook of Slack, or of what understands the same (Mattermost, Rocket.Chat). */
export function slackMessage(notice: Notice): string {
  const { namespace, name, user, url, phase } = notice;
  const mark = phase === 'Completed' ? ':white_check_mark:' : ':x:';
  const title = `${mark} *${escapeSlack(`${namespace}/${name}`)}* ${escapeSlack(notice.status)}`;
  const lines = [
    `${title}${user === '' ? '' : ` (${escapeSlack(user)})`}`,
    ...(notice.message === undefined ? [] : [escapeSlack(cut(notice.message, 500))]),
    ...notice.failed.map((task) => `• ${escapeSlack(failureLine(task))}`),
    ...(url === undefined ? [] : [`<${url}|Overview>`]),
  ];
  return JSON.stringify({ text: lines.join('\n') });
}

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail: the same in text and in HTML. */
export function mailOf(notice: Notice): Mail {
  const { namespace, name } = notice;
  const facts: [string, string][] = [
    ['Workflow', `${namespace}/${name}`],
    ['Status', notice.status],
    ...(notice.reason === undefined ? [] : [['Reason', notice.reason] as [string, string]]),
    ['Pool', notice.pool],
    ['Started', notice.startTime ?? 'never'],
    ['Ended', notice.completionTime],
    ...(notice.tasks === undefined ? [] : [['Tasks', tasksLine(notice.tasks)] as [string, string]]),
  ];
  const message = notice.message ?? '';
  const failed = notice.failed.map(failureLine);
  const next = nextCommands(notice);
  const text = [
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(10)} ${value}`),
    ...(message === '' ? [] : ['', message]),
    ...(failed.length === 0 ? [] : ['', 'What failed:', ...failed.map((line) => `- ${line}`)]),
    ...['', 'To see more:', ...next.map((line) => `  ${line}`)],
    ...(notice.url === undefined ? [] : [`  ${notice.url}`]),
    '',
    'You get this since notifications by e-mail are on in your profile: osmo profile set notifications email false',
    '',
  ].join('\n');
  const rows = facts.map(([label, value]) => `<tr><td>${label}</td><td>${escapeHtml(value)}</td></tr>`).join('');
  const html = [
    `<table>${rows}</table>`,
    ...(message === '' ? [] : [`<p>${escapeHtml(message)}</p>`]),
    ...(failed.length === 0
      ? []
      : [`<p>What failed:</p><ul>${failed.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`]),
    `<p>To see more:</p><pre>${escapeHtml(next.join('\n'))}</pre>`,
    ...(notice.url === undefined ? [] : [`<p><a href="${escapeHtml(notice.url)}">Overview</a></p>`]),
    '<p>You get this since notifications by e-mail are on in your profile: <code>osmo profile set notifications email false</code></p>',
  ].join('\n');
  return { subject: `[OSMO][${namespace}/${name}] status = ${notice.status}`, text, html };
}

function nextCommands({ namespace, name, phase, failed }: Notice): string[] {
  const task = failed[0]?.name;
  const logs = `osmo workflow logs ${name}${task === undefined ? '' : ` --task ${task}`}`;
  return phase === 'Failed'
    ? [logs, `kubectl -n ${namespace} describe workflow ${name}`]
    : [`osmo workflow query ${name}`];
}

const tasksLine = ({ total, completed, failed }: NonNullable<Notice['tasks']>): string =>
  `${completed} of ${total} completed${failed === 0 ? '' : `, ${failed} failed or did not run`}`;

function failureLine({ name, reason, exitCode, message }: Notice['failed'][number]): string {
  const why = [...(reason === undefined ? [] : [reason]), ...(exitCode === undefined ? [] : [`exit code ${exitCode}`])];
  return `${name}${why.length === 0 ? '' : `: ${why.join(', ')}`}${message === undefined ? '' : ` (${message})`}`;
}

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Slack gives these three a meaning: links and mentions. */
const escapeSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
