import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Lines } from './lines.ts';
import { lineOf, readTaskMessage } from './messages.ts';
import { garbage, Rendezvous, type Reply } from './rendezvous.ts';
import type { BarrierSettings } from './settings.ts';
import type { World } from './world.ts';

/**
 * Connections that have not said who they are, beside one for each task, since all may come in one moment; more of them, and
 * the oldest is dropped for the newest.
 */
export const strangersAtMost = 128;

/** What a connection may have unread from us; one that reads nothing is dropped. */
const unreadAtMost = 4096;

/**
 * How long the lead stays for tasks that may have lost its word. They come back in a moment, if they are still there: one whose
 * pod ended before it could answer must not keep the lead for ever.
 */
export const lingerMs = 60_000;

/** A dead connection is noticed after about twice this time. */
const keepAliveMs = 10_000;

/**
 * The barrier of the lead: listens until every task of the group is here, lets them go, and is done when each of them has
 * said that it goes, or `lingerMs` after that. Whatever else comes to the port is dropped and costs no more than a place among the strangers.
 *
 * @param options where it listens, for tests: the address, and who is told the port
 * @throws the signal's reason when it aborts first; the error of a port that can't be listened on, unless it is only in use
 */
export async function lead(
  settings: BarrierSettings,
  world: World,
  signal: AbortSignal,
  { address, listening }: { address?: string; listening?: (port: number) => void } = {},
): Promise<void> {
  const rendezvous = new Rendezvous<Socket>(settings);
  const sockets = new Set<Socket>();
  const server = createServer();
  const over = new AbortController();
  const done = new Promise<void>((resolve) => {
    const told = () => void world.pause(lingerMs, over.signal).then(resolve);
    const guests = new Guests(rendezvous, world, { strangers: strangersAtMost + settings.size, told, done: resolve });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      guests.receive(socket);
    });
    if (rendezvous.done) resolve();
  });
  try {
    await listen(server, { port: settings.port, ...(address === undefined ? {} : { host: address }) }, world, signal);
    listening?.((server.address() as AddressInfo).port);
    world.say(`waiting for ${settings.size} tasks`);
    await orAborted(done, signal);
    world.say(`all ${settings.size} tasks start`);
  } finally {
    over.abort();
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

type Where = { port: number; host?: string };

/** With the node's network another group's lead may have the port for a while. */
async function listen(server: Server, where: Where, world: World, signal: AbortSignal): Promise<void> {
  for (let said = false; ; said = true) {
    const error = await tryToListen(server, where);
    // Later ones, such as no descriptor being left for a connection, pass.
    if (error === undefined) return void server.on('error', (later) => world.say(later.message));
    if (error.code !== 'EADDRINUSE') throw error;
    if (!said) world.say(`port ${where.port} is in use on this node: waiting for it`);
    await world.pause(250, signal);
    signal.throwIfAborted();
  }
}

function tryToListen(server: Server, where: Where): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const settle = (error?: NodeJS.ErrnoException): void => {
      server.off('error', settle);
      server.off('listening', settle);
      resolve(error);
    };
    server.once('error', settle);
    server.once('listening', settle);
    server.listen(where);
  });
}

async function orAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([done, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface GuestOptions {
  /** How many connections may not have said who they are. */
  strangers: number;
  /** Told once, when all were told to go. */
  told: () => void;
  /** Told when each of them has said that it does. */
  done: () => void;
}

/** Those who are connected, from their first byte to their last. */
class Guests {
  readonly #rendezvous: Rendezvous<Socket>;
  readonly #world: World;
  readonly #options: GuestOptions;
  readonly #strangers = new Set<Socket>();

  constructor(rendezvous: Rendezvous<Socket>, world: World, options: GuestOptions) {
    this.#rendezvous = rendezvous;
    this.#world = world;
    this.#options = options;
  }

  receive(socket: Socket): void {
    const lines = new Lines();
    this.#admit(socket);
    socket.setKeepAlive(true, keepAliveMs);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      const whole = lines.take(bytes);
      if (whole === undefined || !whole.every((line) => this.#hear(socket, line))) socket.destroy();
    });
    // A connection's trouble is only its own; `close` follows.
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.#strangers.delete(socket);
      this.#rendezvous.leave(socket);
    });
  }

  #admit(socket: Socket): void {
    this.#strangers.add(socket);
    const [oldest] = this.#strangers;
    if (this.#strangers.size > this.#options.strangers) oldest?.destroy();
  }

  /** False for what no task of ours says. */
  #hear(socket: Socket, line: string): boolean {
    if (socket.destroyed) return true;
    const message = readTaskMessage(line);
    if (message === undefined) return false;
    const wasOpen = this.#rendezvous.open;
    const replies = this.#rendezvous.hear(socket, message);
    if (replies === garbage) return false;
    if (message.says === 'hello' && !replies.some(({ to, end }) => to === socket && end === true)) {
      this.#strangers.delete(socket);
      this.#world.say(`${message.name} is here (${this.#rendezvous.here})`);
    }
    for (const reply of replies) this.#send(reply);
    if (this.#rendezvous.open && !wasOpen) this.#options.told();
    if (this.#rendezvous.done) this.#options.done();
    return true;
  }

  #send({ to, message, end }: Reply<Socket>): void {
    if (to.destroyed) return;
    if (to.writableLength > unreadAtMost) to.destroy();
    else if (end === true) to.end(lineOf(message));
    else to.write(lineOf(message));
  }
}
