import { readFile } from 'node:fs/promises';
import type { Transporter } from 'nodemailer';
import { failed, type Outcome } from './deliver.ts';
import { mailOf } from './messages.ts';
import type { Notice } from './notice.ts';
import type { SmtpSettings } from './settings.ts';

const timeoutMs = 20_000;

/** A mail server of the administrator's choice: it may be anywhere, private networks included. */
export class MailServer {
  readonly #settings: SmtpSettings;

  constructor(settings: SmtpSettings) {
    this.#settings = settings;
  }

  /**
   * Sends one mail, on a connection of its own. The same notice has the same Message-ID, by which mail programs know a
   * repetition.
   */
  async send(to: string, notice: Notice): Promise<Outcome> {
    let transport: Transporter | undefined;
    try {
      transport = await this.#open();
      const { subject, text, html } = mailOf(notice);
      await transport.sendMail({
        from: this.#settings.from,
        to: { name: '', address: to },
        ...{ subject, text, html },
        messageId: `<${notice.id}@osmo.dev>`,
        date: new Date(notice.completionTime),
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      return { state: 'Sent' };
    } catch (error) {
      return outcomeOf(error, this.#settings);
    } finally {
      transport?.close();
    }
  }

  async #open(): Promise<Transporter> {
    const { host, port, tls, userFile, passwordFile, caFile } = this.#settings;
    // Loaded with the first mail: installations without mail don't pay for it.
    const { createTransport } = await import('nodemailer');
    const read = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim();
    const auth =
      userFile === undefined || passwordFile === undefined
        ? undefined
        : { user: await read(userFile), pass: await read(passwordFile) };
    return createTransport({
      ...{ host, port },
      secure: tls === 'Implicit',
      requireTLS: tls === 'Required',
      ignoreTLS: tls === 'None',
      ...(auth !== undefined && { auth }),
      tls: { minVersion: 'TLSv1.2', ...(caFile !== undefined && { ca: await read(caFile) }) },
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    });
  }
}

/** The server's words may repeat what it was told, so only its code is passed on. */
function outcomeOf(error: unknown, { host, port }: SmtpSettings): Outcome {
  const { responseCode, code, command } = error as { responseCode?: number; code?: string; command?: string };
  const what = responseCode === undefined ? (code ?? 'failed') : `answered ${responseCode}`;
  const when = command === undefined || command === 'CONN' ? '' : ` to ${command}`;
  // 5xx about a recipient or a mail is for good; about a login or a connection somebody may mend it.
  const isFinal = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH' && code !== 'ETLS';
  return failed(`mail server ${host}:${port} ${what}${when}`, !isFinal);
}
