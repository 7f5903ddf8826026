import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Answer, Ask, Http } from './http.ts';
import { GcsService } from './service.ts';
import { partUnit, putParts, type Upload } from './upload.ts';

/** What happens to one request of a session. */
type Event =
  /** The service has it all, and says so. */
  | 'taken'
  /** The service has half of it, and says so. */
  | 'half'
  /** The service has half of it, and the connection breaks. */
  | 'broken'
  /** The service has it all, and the answer never comes. */
  | 'lost'
  /** Nothing of it arrives. */
  | 'busy'
  /** The service has forgotten the session. */
  | 'forgotten';

/**
 * A resumable upload as cloud.google.com/storage/docs/performing-resumable-uploads describes it; the server of the contract tests takes what asks
 * how far it is for the end.
 */
class Service implements Http {
  stored: Buffer | undefined;
  readonly asked: string[] = [];
  readonly deleted: string[] = [];
  /** Damages what is stored. */
  damaged = false;
  #bytes = Buffer.alloc(0);
  readonly #events: Event[];

  constructor(events: readonly Event[]) {
    this.#events = [...events];
  }

  async ask({ method, url, headers = {}, body = [] }: Ask): Promise<Answer> {
    if (method === 'POST') {
      expect(headers['authorization']).toBe('Bearer token');
      return answer(200, {}, { location: 'https://gcs.test/session?upload_id=secret-of-it' });
    }
    if (method === 'DELETE') {
      this.deleted.push(url);
      return answer(url.includes('upload_id') ? 499 : 204, {});
    }
    // What opens a session is its address.
    expect(headers['authorization']).toBeUndefined();
    const range = headers['content-range'] ?? '';
    this.asked.push(range);
    const sent = Buffer.concat(body);
    const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(range) ?? [];
    const event = sent.byteLength === 0 && total === '*' ? 'taken' : (this.#events.shift() ?? 'taken');
    if (event === 'busy') return answer(503, {});
    if (event === 'forgotten') return answer(410, {});
    if (start !== undefined) {
      expect(Number(start)).toBe(this.#bytes.byteLength);
      const most =
        event === 'half' || event === 'broken' ? Math.floor(sent.byteLength / 2 / partUnit) * partUnit : undefined;
      this.#bytes = Buffer.concat([this.#bytes, sent.subarray(0, most)]);
    }
    if (total !== '*' && this.#bytes.byteLength === Number(total)) this.stored = this.#bytes;
    if (event === 'broken' || event === 'lost') throw new Error('socket hang up');
    if (this.stored === undefined) {
      const size = this.#bytes.byteLength;
      return answer(308, undefined, size === 0 ? {} : { range: `bytes=0-${size - 1}` });
    }
    const md5Hash = createHash('md5')
      .update(this.damaged ? 'other' : this.stored)
      .digest('base64');
    return answer(200, { generation: '42', size: String(this.stored.byteLength), md5Hash });
  }

  close(): void {}
}

function answer(status: number, fields: object | undefined, headers: Answer['headers'] = {}): Answer {
  async function* text(): AsyncGenerator<Uint8Array> {
    if (fields !== undefined) yield Buffer.from(JSON.stringify(fields));
  }
  return { status, headers, body: text() };
}

const url = 'gs://robots/large';
const whole = Buffer.alloc(9 * partUnit + 5, 'abcdefg');

function uploadTo(http: Http): Upload {
  const service = new GcsService('robots', 'https://gcs.test', {
    http,
    tokens: async () => 'token',
    pause: async () => undefined,
  });
  return { service, name: 'large', url, generation: undefined, contentType: undefined, signal: undefined };
}

async function* partsOf(body: Buffer, size = 4 * partUnit): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += size) yield body.subarray(at, at + size);
}

describe('an upload of parts', () => {
  test.each<[string, Event[]]>([
    ['all goes well', []],
    ['the service takes less than it was sent', ['half', 'taken', 'half']],
    ['connections break in the middle', ['broken', 'broken', 'taken', 'broken']],
    ['answers get lost, that of the end too', ['lost', 'lost', 'lost', 'lost']],
    ['the service is busy', ['busy', 'busy', 'busy', 'taken', 'busy']],
  ])('is whole when %s', async (_, events) => {
    const service = new Service(events);
    expect(await putParts(uploadTo(service), partsOf(whole))).toEqual({ size: whole.byteLength, generation: '42' });
    expect(service.stored?.equals(whole)).toBe(true);
    expect(service.deleted).toEqual([]);
  });

  test('ends where its last part is full', async () => {
    const service = new Service([]);
    const full = whole.subarray(0, 8 * partUnit);
    expect(await putParts(uploadTo(service), partsOf(full))).toEqual({ size: full.byteLength, generation: '42' });
    expect(service.stored?.equals(full)).toBe(true);
    expect(service.asked.at(-1)).toBe(`bytes */${full.byteLength}`);
  });

  test('says that the service has forgotten it, without the address of its session', async () => {
    const failure = await putParts(
      uploadTo(new Service(Array.from({ length: 9 }, () => 'forgotten'))),
      partsOf(whole),
    ).then(
      () => new Error('it worked'),
      (error: unknown) => error as Error,
    );
    expect(failure).toMatchObject({ name: 'StoreError', reason: 'Unavailable' });
    expect(failure.message).not.toContain('secret-of-it');
  });

  test('gives the session up when its body fails, and passes the error on', async () => {
    const service = new Service([]);
    const boom = new Error('the source failed');
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield whole.subarray(0, 4 * partUnit);
      throw boom;
    }
    await expect(putParts(uploadTo(service), failing())).rejects.toBe(boom);
    expect(service.stored).toBeUndefined();
    expect(service.deleted).toEqual(['https://gcs.test/session?upload_id=secret-of-it']);
  });

  test('is deleted again when the service has other bytes', async () => {
    const service = new Service([]);
    service.damaged = true;
    await expect(putParts(uploadTo(service), partsOf(whole))).rejects.toThrow(`${url}: was damaged on its way`);
    expect(service.deleted).toContain('https://gcs.test/storage/v1/b/robots/o/large?generation=42');
  });
});
