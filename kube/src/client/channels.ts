import { Duplex, Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { KubeError, TransportReason } from './errors.ts';

/** Number of a stream within a WebSocket: the first byte of each message. */
export type Channel = number;

const closeChannel: Channel = 255;

/**
 * Several byte streams over one WebSocket, as the apiserver speaks for exec, attach and port-forward. Reading is paced by
 * the slowest reader: while one stream is full, the socket is paused, so every stream must be read or drained.
 */
export class Channels {
  readonly #socket: WebSocket;
  readonly #readers = new Map<Channel, (data: Buffer) => void>();
  readonly #ends: ((error: Error | undefined) => void)[] = [];
  readonly #full = new Set<Channel>();
  #over: { error: Error | undefined } | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#readers.get(data[0] ?? closeChannel)?.(data.subarray(1)));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', (code) => {
      // 1000 and 1005 are proper ends; anything else is a cut, after which what was read may not be all.
      this.#end(code === 1000 || code === 1005 ? undefined : new Error(`the connection was closed with code ${code}`));
    });
  }

  /** Calls `take` with what arrives on a channel, but for the first `skip` bytes of its first message. */
  onData(channel: Channel, take: (data: Buffer) => void, skip = 0): void {
    let left = skip;
    this.#readers.set(channel, (data) => {
      const rest = data.subarray(left);
      left = 0;
      if (rest.length > 0) take(rest);
    });
  }

  /** Calls `done` once when the connection is over, with the error if it broke. */
  onEnd(done: (error: Error | undefined) => void): void {
    if (this.#over) done(this.#over.error);
    else this.#ends.push(done);
  }

  readable(channel: Channel): Readable {
    const stream = new Readable({ read: () => this.#drained(channel) });
    this.#feed(stream, channel, 0);
    stream.on('close', () => this.#drained(channel));
    return stream;
  }

  writable(channel: Channel): Writable {
    const stream = new Writable({
      write: (chunk: Buffer, _, done) => this.send(channel, chunk, done),
      final: (done) => {
        // Only version 5 of the protocol can say that one stream ends; others end when all do.
        if (this.#socket.protocol.startsWith('v5')) this.send(closeChannel, Buffer.from([channel]), done);
        else done();
      },
    });
    // Who writes into a process that has ended learns it from the exit, not from the pipe.
    stream.on('error', () => undefined);
    this.onEnd(() => stream.destroy());
    return stream;
  }

  /** Both directions of one channel, which are all that the connection is for: destroying it closes the connection. */
  duplex(channel: Channel, skip = 0): Duplex {
    const stream = new Duplex({
      read: () => this.#drained(channel),
      write: (chunk: Buffer, _, done) => this.send(channel, chunk, done),
      destroy: (error, done) => {
        this.#drained(channel);
        this.close();
        done(error);
      },
    });
    this.#feed(stream, channel, skip);
    return stream;
  }

  send(channel: Channel, data: Uint8Array, done: (error?: Error | null) => void = () => undefined): void {
    if (this.#over) return done(new Error('the connection is over'));
    this.#socket.send(Buffer.concat([Buffer.from([channel]), data]), { binary: true }, done);
  }

  close(): void {
    this.#socket.close(1000);
  }

  #feed(stream: Readable, channel: Channel, skip: number): void {
    const take = (data: Buffer): void => {
      if (!stream.push(data)) this.#filled(channel);
    };
    this.onData(channel, take, skip);
    this.onEnd((error) => {
      if (error) stream.destroy(brokenError(error));
      else stream.push(null);
    });
  }

  #filled(channel: Channel): void {
    this.#full.add(channel);
    this.#socket.pause();
  }

  #drained(channel: Channel): void {
    if (this.#full.delete(channel) && this.#full.size === 0) this.#socket.resume();
  }

  #end(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = { error };
    for (const done of this.#ends) done(error);
  }
}

export function brokenError(error: Error): KubeError {
  return new KubeError({ status: 0, reason: TransportReason.connection, message: error.message });
}
