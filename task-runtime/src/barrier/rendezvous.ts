import type { LeadMessage, TaskMessage } from './messages.ts';

/** What a rendezvous is for. */
export interface RendezvousSettings {
  group: string;
  epoch: string;
  /** The lead's own name; nobody else may have it. */
  name: string;
  /** How many tasks meet, the lead included. */
  size: number;
}

/** One thing to be told to one of those who are connected. */
export interface Reply<P> {
  to: P;
  message: LeadMessage;
  /** Hang up after it. */
  end?: true;
}

/** Wrong in what was said: nothing that a task of ours says, or not now. */
export const garbage = Symbol('garbage');

interface Member<P> {
  peer: P;
  /** The last check that it has answered. */
  here: number;
}

/**
 * The lead's side of the barrier without its sockets: who is here, and whom to tell what. `P` stands for a connection.
 *
 * All are asked whether they are still here before any is told to go, since a connection may outlive its other end for a
 * while. Once told, it stays told: whoever comes back hears `go` again, until each has said that it does.
 */
export class Rendezvous<P> {
  readonly #settings: RendezvousSettings;
  readonly #members = new Map<string, Member<P>>();
  readonly #names = new Map<P, string>();
  readonly #gone = new Set<string>();
  #check = 0;
  /** Who was told to go; undefined before. */
  #told: ReadonlySet<string> | undefined;

  constructor(settings: RendezvousSettings) {
    this.#settings = settings;
    if (settings.size <= 1) this.#told = new Set();
  }

  /** Whether all were told to go. */
  get open(): boolean {
    return this.#told !== undefined;
  }

  /** Whether every other task has said that it goes. */
  get done(): boolean {
    return this.#told !== undefined && this.#gone.size >= this.#told.size;
  }

  /** How many tasks are here, the lead included. */
  get here(): number {
    return this.#members.size + 1;
  }

  /** What to answer when a connection says something. */
  hear(peer: P, message: TaskMessage): Reply<P>[] | typeof garbage {
    if (message.says === 'hello') return this.#names.has(peer) ? garbage : this.#hello(peer, message);
    const name = this.#names.get(peer);
    if (name === undefined) return garbage;
    if (message.says === 'ack') {
      if (this.#told === undefined) return garbage;
      this.#gone.add(name);
      return [];
    }
    const member = this.#members.get(name);
    if (member === undefined || message.check > this.#check) return garbage;
    member.here = message.check;
    return this.#openIfAllAnswered();
  }

  /** A connection has ended, however it did. */
  leave(peer: P): void {
    const name = this.#names.get(peer);
    this.#names.delete(peer);
    if (name !== undefined && this.#members.get(name)?.peer === peer) this.#members.delete(name);
  }

  get #others(): number {
    return this.#settings.size - 1;
  }

  #hello(peer: P, hello: Extract<TaskMessage, { says: 'hello' }>): Reply<P>[] {
    const reason = this.#refusal(hello);
    if (reason !== undefined) return [{ to: peer, message: { says: 'no', reason }, end: true }];
    const former = this.#members.get(hello.name);
    if (former !== undefined) this.#names.delete(former.peer);
    this.#names.set(peer, hello.name);
    this.#members.set(hello.name, { peer, here: 0 });
    const replaced: Reply<P>[] =
      former === undefined ? [] : [{ to: former.peer, message: { says: 'no', reason: 'came again' }, end: true }];
    if (this.#told !== undefined) return [...replaced, { to: peer, message: { says: 'go' } }];
    return [...replaced, { to: peer, message: { says: 'wait' } }, ...this.#askIfAllAreHere()];
  }

  #refusal({ group, epoch, name }: Extract<TaskMessage, { says: 'hello' }>): string | undefined {
    const own = this.#settings;
    if (group !== own.group) return 'another group';
    if (epoch !== own.epoch) return `another start of the group: this is ${own.epoch}`;
    if (name === own.name) return 'this is the name of the lead';
    const hasPlace = this.#told?.has(name) ?? (this.#members.has(name) || this.#members.size < this.#others);
    return hasPlace ? undefined : `all ${own.size} tasks are here`;
  }

  #askIfAllAreHere(): Reply<P>[] {
    if (this.#members.size < this.#others) return [];
    this.#check += 1;
    return this.#toAll({ says: 'check', check: this.#check });
  }

  #openIfAllAnswered(): Reply<P>[] {
    if (this.#told !== undefined || this.#members.size < this.#others) return [];
    if ([...this.#members.values()].some(({ here }) => here !== this.#check)) return [];
    this.#told = new Set(this.#members.keys());
    return this.#toAll({ says: 'go' });
  }

  #toAll(message: LeadMessage): Reply<P>[] {
    return [...this.#members.values()].map(({ peer }) => ({ to: peer, message }));
  }
}
