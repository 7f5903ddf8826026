import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { testCertificate, testKey } from '@osmo/kube/testing';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { MailServer } from './mail-server.ts';
import type { Notice } from './notice.ts';
import type { SmtpSettings } from './settings.ts';

const notice: Notice = {
  ...{
    id: 'uid.0',
    namespace: 'lab',
    name: 'train',
    uid: 'uid',
    run: 0,
    phase: 'Failed',
    status: 'FAILED',
    user: 'ada',
  },
  ...{ pool: 'default', completionTime: '2026-01-01T12:30:00Z', failed: [] },
};

let folder: string;
const servers: SMTPServer[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mail-'));
  const files = { user: 'osmo\n', password: 'hunter22\n', wrong: 'guess', ca: testCertificate };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(resolve));
});
afterAll(() => rm(folder, { recursive: true }));

interface Received {
  readonly from: string;
  readonly to: string[];
  readonly secure: boolean;
  readonly user: string;
  readonly text: string;
}

async function serve(options: Partial<SMTPServerOptions> = {}): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    key: testKey,
    cert: testCertificate,
    logger: false,
    disableReverseLookup: true,
    onAuth({ username = '', password }, _, answer) {
      if (username === 'osmo' && password === 'hunter22') return answer(null, { user: username });
      return answer(new Error(`no such login: ${password}`));
    },
    onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: String(session.user ?? ''),
          text: Buffer.concat(chunks).toString('utf8'),
        });
        answer();
      });
    },
    ...options,
  });
  // What a client breaks off is no failure of the test.
  server.on('error', () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.server.address() as AddressInfo).port, received };
}

const settings = (port: number, more: Partial<SmtpSettings> = {}): SmtpSettings => ({
  ...{ host: 'localhost', port, tls: 'Required', from: 'OSMO <osmo@example.com>', recipientDomains: [] },
  ...{ userFile: join(folder, 'user'), passwordFile: join(folder, 'password'), caFile: join(folder, 'ca') },
  ...more,
});

describe('a mail', () => {
  test('goes over STARTTLS, after a login, and twice with the same id', async () => {
    const { port, received } = await serve();
    const server = new MailServer(settings(port));
    expect(await server.send('ada@example.com', notice)).toEqual({ state: 'Sent' });
    expect(await server.send('ada@example.com', notice)).toEqual({ state: 'Sent' });
    expect(received).toMatchObject([
      { from: 'osmo@example.com', to: ['ada@example.com'], secure: true, user: 'osmo' },
      { to: ['ada@example.com'] },
    ]);
    for (const { text } of received) {
      expect(text).toContain('Message-ID: <uid.0@osmo.dev>');
      expect(text).toContain('Subject: [OSMO][lab/train] status = FAILED');
      expect(text).toContain('Auto-Submitted: auto-generated');
      expect(text).toContain('multipart/alternative');
    }
  });

  test('goes over TLS from the first byte where that is set', async () => {
    const { port, received } = await serve({ secure: true });
    expect(await new MailServer(settings(port, { tls: 'Implicit' })).send('a@b.c', notice)).toEqual({ state: 'Sent' });
    expect(received).toMatchObject([{ secure: true }]);
  });

  test('is not sent in the clear where TLS is required, nor to somebody without the right certificate', async () => {
    const plain = await serve({ disabledCommands: ['STARTTLS'] });
    expect(await new MailServer(settings(plain.port)).send('a@b.c', notice)).toMatchObject({
      state: 'Failed',
      mayPass: true,
    });
    const { caFile: _, ...untrusting } = settings((await serve()).port);
    expect(await new MailServer(untrusting).send('a@b.c', notice)).toMatchObject({ state: 'Failed', mayPass: true });
    expect(plain.received).toEqual([]);
  });

  test('that is refused for good is not tried again; a wrong password and a busy server may be mended', async () => {
    const refusing = (responseCode: number) =>
      serve({ onRcptTo: (_, __, answer) => answer(Object.assign(new Error('no'), { responseCode })) });
    const gone = await refusing(550);
    expect(await new MailServer(settings(gone.port)).send('a@b.c', notice)).toEqual({
      ...{ state: 'Failed', mayPass: false },
      message: `mail server localhost:${gone.port} answered 550 to RCPT TO`,
    });
    const busy = await refusing(451);
    expect(await new MailServer(settings(busy.port)).send('a@b.c', notice)).toMatchObject({ mayPass: true });
    const { port } = await serve();
    const wrong = await new MailServer(settings(port, { passwordFile: join(folder, 'wrong') })).send('a@b.c', notice);
    expect(wrong).toMatchObject({ state: 'Failed', mayPass: true });
    expect(JSON.stringify(wrong)).not.toContain('guess');
  });

  test('nobody listens', async () => {
    const { port } = await serve();
    for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(resolve));
    expect(await new MailServer(settings(port)).send('a@b.c', notice)).toMatchObject({
      state: 'Failed',
      mayPass: true,
    });
  });
});
