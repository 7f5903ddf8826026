import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { until } from '@osmo/kube/testing';
import { lead, lingerMs } from '../barrier/lead.ts';
import type { BarrierSettings } from '../barrier/settings.ts';
import { follow } from '../barrier/task.ts';
import type { World } from '../barrier/world.ts';

/** One task at its barrier. */
export interface Guest {
  name: string;
  state: 'waiting' | 'passed' | 'failed';
  error?: unknown;
  said: string[];
  /** Ends as a pod does that is deleted. */
  crash(): Promise<void>;
}

/** A group on this machine: real sockets, a name service that is a variable, no pauses. */
export class Party {
  readonly size: number;
  /** What the lead's name leads to. */
  addresses: string[] = [];
  readonly guests: Guest[] = [];
  readonly #ends: Promise<void>[] = [];
  readonly #strangers: Socket[] = [];
  readonly #time = new AbortController();
  #port: number | undefined;

  constructor(size: number) {
    this.size = size;
  }

  get port(): number {
    if (this.#port === undefined) throw new Error('no lead has listened yet');
    return this.#port;
  }

  /** Starts the lead; its address gets a name once it listens. A second one listens at the same port. */
  async lead(address: string, changes: Partial<BarrierSettings> = {}): Promise<Guest> {
    const { promise: listening, resolve } = Promise.withResolvers<number>();
    const settings = { ...this.#settings('lead', changes), lead: true, port: this.#port ?? 0 };
    const guest = this.#start('lead', (world, signal) =>
      lead(settings, world, signal, { address, listening: resolve }),
    );
    this.#port = await listening;
    this.addresses = [...this.addresses, address];
    return guest;
  }

  /** Starts a task that isn't the lead. */
  task(name: string, changes: Partial<BarrierSettings> = {}): Guest {
    const port = (): number => this.port;
    return this.#start(name, (world, signal) =>
      follow(
        {
          ...this.#settings(name, changes),
          get port() {
            return port();
          },
        },
        world,
        signal,
      ),
    );
  }

  /** A connection that no task made. */
  stranger(address: string, says?: string | Buffer): Socket {
    const socket = connect({ host: address, port: this.port });
    socket.on('error', () => undefined);
    socket.on('connect', () => says !== undefined && socket.write(says));
    socket.resume();
    this.#strangers.push(socket);
    return socket;
  }

  /** Waits until all of them have passed. */
  async passed(...guests: Guest[]): Promise<void> {
    await until(
      () => guests.map(({ name, state, said, error }) => ({ name, state, said, error: String(error) })),
      (all) => all.every(({ state }) => state === 'passed'),
    );
  }

  /** Lets the time pass that a lead stays for tasks that lost its word. */
  passTime(): void {
    this.#time.abort();
  }

  /** Ends everything that is left. */
  async end(): Promise<void> {
    for (const socket of this.#strangers) socket.destroy();
    await Promise.all(this.guests.map((guest) => guest.crash()));
    await Promise.all(this.#ends);
  }

  async #later(signal: AbortSignal): Promise<void> {
    const end = AbortSignal.any([signal, this.#time.signal]);
    if (!end.aborted) await once(end, 'abort');
  }

  #settings(name: string, changes: Partial<BarrierSettings>): BarrierSettings {
    const own = { group: 'g', epoch: '0.0', name, size: this.size, lead: false, leadHost: 'lead', port: 0 };
    return { ...own, ...changes };
  }

  #start(name: string, run: (world: World, signal: AbortSignal) => Promise<void>): Guest {
    const stop = new AbortController();
    const said: string[] = [];
    const world: World = {
      lookup: async () => this.addresses,
      pause: async (milliseconds, signal) => (milliseconds < lingerMs ? turn() : this.#later(signal)),
      say: (text) => void said.push(text),
    };
    const end = run(world, stop.signal).then(
      () => void (guest.state = 'passed'),
      (error: unknown) => {
        guest.state = 'failed';
        guest.error = error;
      },
    );
    const crash = async () => {
      stop.abort();
      await end;
    };
    const guest: Guest = { name, state: 'waiting', said, crash };
    this.guests.push(guest);
    this.#ends.push(end);
    return guest;
  }
}
