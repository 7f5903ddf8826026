import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Api, type User, type Workflow } from '@osmo/crds';
import { FakeClock } from '@osmo/kube/testing';
import { OutgoingError, OutgoingReasons } from '@osmo/kube/outgoing';
import { template, workflow } from '../testing/objects.ts';
import { delivery } from './deliver.ts';
import { cloudEvent, mailOf, slackMessage } from './messages.ts';
import { noticeOf } from './notice.ts';
import { type Attempts, dueOf, heldUntil, type NoticeWorld, planNotices, tryForMs } from './plan.ts';
import { parseSettings, SettingsError } from './settings.ts';
import { signatureHeaders } from './signature.ts';
import { targetsOf } from './targets.ts';

const end = new Date('2026-01-01T12:30:00Z');
const ended = (phase: 'Completed' | 'Failed' = 'Failed', more: Partial<Workflow['spec']> = {}): Workflow => {
  const made = workflow({ tasks: [template('a')], ...more }, 'train');
  const isGood = phase === 'Completed';
  return {
    ...made,
    metadata: { ...made.metadata, annotations: { 'osmo.dev/submitted-by': 'ada@example.com' } },
    status: {
      phase,
      conditions: [
        {
          type: 'Succeeded',
          status: isGood ? 'True' : 'False',
          reason: 'x',
          message: '',
          lastTransitionTime: '2026-01-01T12:30:00Z',
        },
      ],
      ...(!isGood && { reason: 'ExecTimeout', message: 'group <a> ran too long & was ended' }),
      startTime: '2026-01-01T12:00:00Z',
      completionTime: '2026-01-01T12:30:00Z',
      taskCounts: { total: 3, waiting: 0, active: 0, completed: 1, failed: 1, upstream: 1 },
      recentTasks: [
        { name: 'a', group: 'a-group', phase: 'Failed', reason: 'Error', exitCode: 3, time: '2026-01-01T12:30:00Z' },
        { name: 'b', group: 'b-group', phase: 'Completed', time: '2026-01-01T12:30:00Z' },
      ],
    },
  };
};
const user = (spec: Partial<User['spec']>, email?: string): User => ({
  apiVersion: Api.apiVersion,
  kind: 'User',
  metadata: { name: 'x' },
  spec: { user: 'ada@example.com', ...spec },
  ...(email !== undefined && { status: { email } }),
});
const settingsOf = (more: object) => parseSettings(JSON.stringify(more));
const smtp = { host: 'mail', from: 'osmo@example.com' };

describe('settings', () => {
  test('have defaults', () => {
    expect(settingsOf({ smtp, webhooks: [{ name: 'ops', url: 'https://a.example' }] })).toEqual({
      allow: [],
      ownWebhooks: true,
      smtp: { host: 'mail', port: 587, tls: 'Required', from: 'osmo@example.com', recipientDomains: [] },
      webhooks: [{ name: 'ops', url: 'https://a.example', format: 'CloudEvents', on: 'Ended', namespaces: [] }],
    });
  });

  test.each([
    ['[]', 'settings: []: must be an object'],
    ['{', 'not JSON'],
    ['{"smpt":{}}', 'settings.smpt: is unknown'],
    ['{"smtp":{"host":"a"}}', 'smtp.from: must be set'],
    ['{"smtp":{"host":"a","from":"b","port":0}}', 'smtp.port: 0: must be 1 to 65535'],
    ['{"smtp":{"host":"a","from":"b","tls":"Maybe"}}', 'smtp.tls: "Maybe": must be one of Required'],
    ['{"smtp":{"host":"a","from":"b","userFile":"u"}}', 'smtp.passwordFile: must be set beside userFile'],
    ['{"webhooks":[{"name":"a"}]}', 'webhooks[0].url: exactly one of url and urlFile'],
    ['{"webhooks":[{"name":"a","url":"x"}]}', 'webhooks[0].url: "x": must be a URL'],
    ['{"webhooks":[{"name":"a","urlFile":"x"},{"name":"a","urlFile":"x"}]}', 'names must be unique'],
    ['{"allow":["10.0.0.1/8"]}', 'allow: "10.0.0.1/8"'],
    ['{"ownWebhooks":"yes"}', 'ownWebhooks: "yes": must be true or false'],
  ])('%s', (text, message) => {
    expect(() => parseSettings(text)).toThrow(SettingsError);
    expect(() => parseSettings(text)).toThrow(message);
  });
});

describe('who is told', () => {
  const webhooks = [
    { name: 'all', url: 'https://a.example' },
    { name: 'bad', url: 'https://b.example', on: 'Failed' },
    { name: 'lab', url: 'https://c.example', namespaces: ['lab'] },
    { name: 'other', url: 'https://d.example', namespaces: ['other'] },
  ];
  const all = settingsOf({ smtp, slackUrlFile: '/slack', webhooks });
  const ids = (made: Workflow, person?: User, settings = all) =>
    targetsOf(made, settings, { get: () => person }).map((target) => target.id);

  test('web hooks of the administrator, by occasion and namespace', () => {
    expect(ids(ended('Failed'))).toEqual(['webhook/all', 'webhook/bad', 'webhook/lab']);
    expect(ids(ended('Completed'))).toEqual(['webhook/all', 'webhook/lab']);
  });

  test('the submitter, as they wish', () => {
    const mine = (person: User | undefined, settings = settingsOf({ smtp, slackUrlFile: '/slack' })) =>
      targetsOf(ended(), settings, { get: () => person }).map((target) =>
        target.kind === 'Mail' ? `${target.id} ${target.to}` : target.id,
      );
    expect(mine(undefined)).toEqual([]);
    expect(mine(user({}))).toEqual([]);
    expect(mine(user({ notifications: { email: true } }))).toEqual(['email ada@example.com']);
    expect(mine(user({ notifications: { email: true } }, 'a@b.c'))).toEqual(['email a@b.c']);
    expect(mine(user({ notifications: { email: true, slack: true }, email: 'x@y.z' }, 'a@b.c'))).toEqual([
      'email x@y.z',
      'slack',
    ]);
    expect(mine(user({ notifications: { email: true, slack: true } }), settingsOf({}))).toEqual([]);
    const near = settingsOf({ smtp: { ...smtp, recipientDomains: ['Example.com'] } });
    expect(mine(user({ notifications: { email: true } }), near)).toEqual(['email ada@example.com']);
    expect(mine(user({ notifications: { email: true }, email: 'x@y.z' }), near)).toEqual([]);
  });

  test('web hooks that the workflow names, unless the administrator will have none', () => {
    const made = ended('Completed', {
      notifications: [
        { url: 'https://hook.example/T0KEN', on: 'Ended' },
        { url: 'https://other.example', on: 'Failed' },
      ],
    });
    expect(ids(made, undefined, settingsOf({}))).toEqual([expect.stringMatching(/^own\/[0-9a-f]{12}$/)]);
    expect(ids(made, undefined, settingsOf({ ownWebhooks: false }))).toEqual([]);
  });
});

describe('what is said', () => {
  const notice = noticeOf(ended(), end, 'https://osmo.example.com');

  test('as a CloudEvent', () => {
    expect(JSON.parse(cloudEvent(notice))).toEqual({
      ...{ specversion: '1.0', id: 'uid-of-train.0', source: '/osmo/namespaces/lab/workflows', subject: 'train' },
      ...{ type: 'dev.osmo.workflow.ended', time: '2026-01-01T12:30:00Z', datacontenttype: 'application/json' },
      data: expect.objectContaining({ status: 'FAILED_EXEC_TIMEOUT', tasks: { total: 3, completed: 1, failed: 2 } }),
    });
  });

  test('by mail, in text and HTML, with what to do next', () => {
    const { subject, text, html } = mailOf(notice);
    expect(subject).toBe('[OSMO][lab/train] status = FAILED_EXEC_TIMEOUT');
    expect(text).toContain('group <a> ran too long & was ended');
    expect(text).toContain('- a: Error, exit code 3');
    expect(text).toContain('osmo workflow logs train --task a');
    expect(text).toContain('1 of 3 completed, 2 failed or did not run');
    expect(html).toContain('group &lt;a&gt; ran too long &amp; was ended');
    expect(html).not.toContain('<a> ran');
  });

  test('by Slack, where nobody can be mentioned by what a task says', () => {
    const failing = { ...notice, message: '<!channel> & more' };
    expect(JSON.parse(slackMessage(failing)).text).toContain('&lt;!channel&gt; &amp; more');
  });

  test('signed as Standard Webhooks are', () => {
    const secret = `whsec_${Buffer.from('key').toString('base64')}`;
    const headers = signatureHeaders('id', '{}', secret, new Date(1_700_000_000_500));
    const digest = createHmac('sha256', 'key').update('id.1700000000.{}').digest('base64');
    expect(headers).toEqual({
      'webhook-id': 'id',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${digest}`,
    });
    expect(signatureHeaders('id', '{}', 'key', new Date(1_700_000_000_000))).toEqual(headers);
  });
});

describe('one attempt', () => {
  const notice = noticeOf(ended(), end, undefined);
  const signal = new AbortController().signal;
  const attempt = (
    answer: number | Error,
    read: (file: string) => Promise<string> = () => Promise.resolve('https://s'),
  ) => {
    const calls: [string, { headers: Record<string, string>; body: string }][] = [];
    const fetch = (url: string, init: { headers: Record<string, string>; body: string }): Promise<Response> => {
      calls.push([url, init]);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(new Response(null, { status: answer }));
    };
    const deliver = delivery({ outgoing: { fetch } as never, mail: undefined, clock: new FakeClock(), read });
    return { calls, deliver };
  };
  const own = { id: 'own/1', kind: 'Own' as const, url: 'https://a.example/secret' };

  test.each([
    [204, { state: 'Sent' }],
    [404, { state: 'Failed', message: 'a.example answered 404', mayPass: false }],
    [429, { state: 'Failed', message: 'a.example answered 429', mayPass: true }],
    [503, { state: 'Failed', message: 'a.example answered 503', mayPass: true }],
    [
      new OutgoingError(OutgoingReasons.refused, 'a.example is private'),
      { state: 'Failed', message: 'a.example is private', mayPass: false },
    ],
    [
      new OutgoingError(OutgoingReasons.timeout, 'a.example is slow'),
      { state: 'Failed', message: 'a.example is slow', mayPass: true },
    ],
  ])('that is answered %s', async (answer, want) => {
    expect(await attempt(answer).deliver(own, notice, signal)).toEqual(want);
  });

  test('a web hook is signed with the secret of its file, and what can not be read is no reason to give up', async () => {
    const webhook = {
      name: 'ops',
      urlFile: '/url',
      secretFile: '/secret',
      format: 'CloudEvents',
      on: 'Ended',
      namespaces: [],
    } as const;
    const target = { id: 'webhook/ops', kind: 'Webhook' as const, webhook };
    const files: Record<string, string> = { '/url': 'https://hooks.example/x', '/secret': 'key' };
    const { calls, deliver } = attempt(200, (file) => Promise.resolve(files[file] ?? ''));
    expect(await deliver(target, notice, signal)).toEqual({ state: 'Sent' });
    const [[url, init]] = calls as [[string, { headers: Record<string, string>; body: string }]];
    expect(url).toBe('https://hooks.example/x');
    expect(init.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      ...signatureHeaders(notice.id, init.body, 'key', new FakeClock().now()),
    });
    const missing = attempt(200, () => Promise.reject(Object.assign(new Error('/secret'), { code: 'ENOENT' })));
    expect(await missing.deliver(target, notice, signal)).toEqual({
      state: 'Failed',
      message: 'failed: ENOENT',
      mayPass: true,
    });
  });
});

describe('what is left to do', () => {
  const now = new Date('2026-01-01T12:30:05Z');
  const sent = (at = now): Attempts => ({ count: 1, last: { state: 'Sent' }, at });
  const tried = (count: number, mayPass = true, at = now): Attempts => ({
    ...{ count, at },
    last: { state: 'Failed', message: 'busy', mayPass },
  });
  const world = (attempts: Record<string, Attempts>, more: Partial<NoticeWorld> = {}): NoticeWorld => ({
    ...{ now, workflow: ended(), end, targets: ['email', 'webhook/a'] },
    attempts: new Map(Object.entries(attempts)),
    ...more,
  });
  const told = (...targets: string[]): Workflow => {
    const made = ended();
    const notifications = targets.map((target) => ({
      target,
      run: 0,
      state: 'Sent' as const,
      time: '2026-01-01T12:30:05Z',
    }));
    return { ...made, ...(made.status && { status: { ...made.status, notifications } }) };
  };

  test('all who were not told are due, after a restart too', () => {
    expect(dueOf(world({}))).toEqual(['email', 'webhook/a']);
    expect(dueOf(world({}, { workflow: told('email') }))).toEqual(['webhook/a']);
    expect(dueOf(world({ email: sent() }))).toEqual(['webhook/a']);
    expect(heldUntil(world({}, { workflow: told('email') }))).toEqual(new Date(end.getTime() + tryForMs));
    expect(heldUntil(world({}, { workflow: told('email', 'webhook/a') }))).toBeUndefined();
  });

  test('one that failed is due again after pauses that grow', () => {
    const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
    expect(dueOf(world({ email: tried(1), 'webhook/a': tried(2) }, { now: later(9) }))).toEqual([]);
    expect(dueOf(world({ email: tried(1), 'webhook/a': tried(2) }, { now: later(10) }))).toEqual(['email']);
    expect(dueOf(world({ email: tried(99), 'webhook/a': tried(2) }, { now: later(899) }))).toEqual(['webhook/a']);
    expect(planNotices(world({ email: tried(3), 'webhook/a': tried(2) }))).toEqual({ wakeAt: later(20) });
  });

  test('one write says who was told, and keeps what was said before', () => {
    const plan = planNotices(world({ 'webhook/a': sent() }, { workflow: told('email') }));
    expect(plan.statuses).toMatchObject([
      {
        fields: ['notifications'],
        status: { notifications: [{ target: 'email' }, { target: 'webhook/a', run: 0, state: 'Sent' }] },
      },
    ]);
    expect(planNotices(world({ email: sent() }, { workflow: told('email', 'webhook/a') }))).toEqual({});
  });

  test('who can not be told is given up at once, the others after six hours, with an Event', () => {
    const refused = planNotices(world({ email: sent(), 'webhook/a': tried(1, false) }));
    expect(refused.statuses?.[0]?.status).toMatchObject({
      notifications: [{ state: 'Sent' }, { target: 'webhook/a', state: 'Failed', message: 'busy' }],
    });
    expect(refused.events).toMatchObject([{ type: 'Warning', reason: 'NotificationFailed' }]);
    const late = { now: new Date(end.getTime() + tryForMs) };
    expect(dueOf(world({ email: tried(3) }, late))).toEqual([]);
    expect(planNotices(world({ email: tried(3) }, late)).events?.[0]?.note).toContain('3 attempts');
  });

  test('an end of long ago that nobody was told of is left alone', () => {
    const late = { now: new Date(end.getTime() + tryForMs) };
    expect(dueOf(world({}, late))).toEqual([]);
    expect(planNotices(world({}, late))).toEqual({});
  });

  test('another run is told anew', () => {
    const again = told('email', 'webhook/a');
    const next = { ...again, ...(again.status && { status: { ...again.status, run: 1 } }) };
    expect(dueOf(world({}, { workflow: next }))).toEqual(['email', 'webhook/a']);
    expect(noticeOf(next, end, undefined).id).toBe('uid-of-train.1');
  });
});
