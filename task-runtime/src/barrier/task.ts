import { connect, type Socket } from 'node:net';
import { Lines } from './lines.ts';
import { type LeadMessage, lineOf, readLeadMessage } from './messages.ts';
import type { BarrierSettings } from './settings.ts';
import type { World } from './world.ts';

/** Pause between two looks for the lead: short while it may appear any moment, longer when it keeps one waiting. */
const pauseMs = { first: 250, last: 2000, growth: 1.1 } as const;

/** Addresses that are tried at once: a name has those of a former lead's pod for a while. */
const addressesAtMost = 8;

const keepAliveMs = 10_000;

/**
 * The barrier of a task that isn't the lead: looks for the lead until one of the same group and epoch says `go`. The name is
 * resolved anew each time, since it appears late and moves; an address that doesn't answer holds up no other.
 *
 * @throws the signal's reason when it aborts first
 */
export async function follow(settings: BarrierSettings, world: World, signal: AbortSignal): Promise<void> {
  const search = new Search(settings, world);
  const stop = (): void => search.stop();
  const { over } = search;
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    world.say(`looking for the lead at ${settings.leadHost}`);
    for (let pause: number = pauseMs.first; !over.aborted; pause = Math.min(pause * pauseMs.growth, pauseMs.last)) {
      if (!search.accepted) search.try(await world.lookup(settings.leadHost, over));
      await world.pause(pause, over);
    }
    signal.throwIfAborted();
    world.say('all are here');
  } finally {
    signal.removeEventListener('abort', stop);
    search.stop();
  }
}

/** The connections to whatever the lead's name leads to. */
class Search {
  readonly #settings: BarrierSettings;
  readonly #world: World;
  readonly #sockets = new Map<string, Socket>();
  readonly #refusals = new Set<string>();
  readonly #over = new AbortController();
  readonly #silent = new Set<Socket>();
  #told = false;
  #asked: Socket | undefined;
  #accepted: Socket | undefined;

  constructor(settings: BarrierSettings, world: World) {
    this.#settings = settings;
    this.#world = world;
  }

  /** Aborts once the lead has said `go` and our answer is on its way, or when the search was stopped. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether a lead has taken us in. */
  get accepted(): boolean {
    return this.#accepted !== undefined;
  }

  /** Connects to every address that isn't being tried, and gives up those that the name has no more. */
  try(addresses: readonly string[]): void {
    if (this.#told || this.over.aborted) return;
    const wanted = new Set(addresses.slice(0, addressesAtMost));
    for (const [address, socket] of this.#sockets) {
      if (!wanted.has(address)) socket.destroy();
    }
    for (const address of wanted) {
      if (!this.#sockets.has(address)) this.#dial(address);
    }
  }

  stop(): void {
    this.#over.abort();
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #dial(address: string): void {
    const lines = new Lines();
    const socket = connect({ host: address, port: this.#settings.port });
    this.#sockets.set(address, socket);
    socket.setKeepAlive(true, keepAliveMs);
    socket.setNoDelay(true);
    socket.on('connect', () => {
      this.#silent.add(socket);
      this.#ask();
    });
    socket.on('data', (bytes) => {
      for (const line of lines.take(bytes) ?? ['']) this.#hear(address, socket, line);
    });
    // Refused, reset, unreachable: it is tried again after the next look at the name.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(address);
      this.#forget(socket);
    });
  }

  /** Says hello to one after the other: two addresses of one lead would have us there twice. */
  #ask(): void {
    const [next] = this.#silent;
    if (next === undefined || this.#told || this.#asked !== undefined || this.accepted) return;
    const { group, epoch, name } = this.#settings;
    this.#silent.delete(next);
    this.#asked = next;
    next.write(lineOf({ says: 'hello', group, epoch, name }));
  }

  #accept(socket: Socket): void {
    this.#accepted = socket;
    for (const other of this.#sockets.values()) if (other !== socket) other.destroy();
    this.#world.say('the lead is there: waiting for the others');
  }

  #forget(socket: Socket): void {
    this.#silent.delete(socket);
    if (this.#asked === socket) this.#asked = undefined;
    if (this.#accepted === socket) {
      this.#accepted = undefined;
      if (!this.#told && !this.over.aborted) this.#world.say('the lead is gone: looking for it again');
    }
    this.#ask();
  }

  #hear(address: string, socket: Socket, line: string): void {
    if (this.#told || socket.destroyed) return;
    const message = readLeadMessage(line);
    if (message === undefined) return void socket.destroy();
    this.#obey(address, socket, message);
  }

  #obey(address: string, socket: Socket, message: LeadMessage): void {
    switch (message.says) {
      case 'wait':
        return this.#accept(socket);
      case 'check':
        socket.write(lineOf({ says: 'here', check: message.check }));
        return;
      case 'no':
        this.#sayOnce(`${address} doesn't take us in: ${message.reason}`);
        socket.destroy();
        return;
      case 'go':
        this.#told = true;
        // The system delivers what was written and the end of the stream, whether this process is still there or not.
        socket.end(lineOf({ says: 'ack' }), () => this.#over.abort());
        socket.once('close', () => this.#over.abort());
    }
  }

  #sayOnce(text: string): void {
    if (this.#refusals.has(text) || this.#refusals.size >= addressesAtMost) return;
    this.#refusals.add(text);
    this.#world.say(text);
  }
}
