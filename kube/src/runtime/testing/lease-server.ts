import { KubeError } from '../../client/errors.ts';
import type { Lease } from '../../client/kinds/cluster.ts';
import type { KubeClient } from '../../client/types.ts';
import type { Clock } from '../clock.ts';

/** How one request fares: how long it travels, and whether it or its answer is lost. */
export interface Fate {
  there: number;
  back: number;
  lost?: 'request' | 'answer';
  conflict?: boolean;
}

/** The one Lease of a test's server, and what happens to requests on their way. */
export class LeaseServer {
  lease: Lease | undefined;
  writes = 0;
  fate: () => Fate = () => ({ there: 0, back: 0 });
  readonly #clock: Clock;
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  client(): KubeClient {
    const client: Pick<KubeClient, 'get' | 'create' | 'replace'> = {
      get: (_type, _ref, options) => this.#travel(options?.signal, () => this.#read()) as never,
      create: (_type, object, options) => this.#travel(options?.signal, () => this.#create(object)) as never,
      replace: (_type, object, options) => this.#travel(options?.signal, () => this.#replace(object)) as never,
    };
    return client as KubeClient;
  }

  async #travel(signal: AbortSignal | undefined, act: () => Lease): Promise<Lease> {
    const { there, back, lost, conflict } = this.fate();
    const abort = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const trip = async (): Promise<Lease> => {
      await this.#pass(there);
      if (lost === 'request') throw new KubeError({ status: 0, reason: 'ConnectionError', message: 'lost' });
      if (conflict) throw new KubeError({ status: 409, reason: 'Conflict', message: 'storm' });
      const answer = act();
      await this.#pass(back);
      if (lost === 'answer') throw new KubeError({ status: 0, reason: 'ConnectionError', message: 'lost' });
      return answer;
    };
    // An aborted request may still reach the server, as in life.
    return Promise.race([trip(), abort]);
  }

  #pass(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => this.#clock.setTimeout(ms, resolve));
  }

  #read(): Lease {
    if (this.lease === undefined) throw new KubeError({ status: 404, reason: 'NotFound', message: 'no lease' });
    return structuredClone(this.lease);
  }

  #create(lease: Lease): Lease {
    if (this.lease) throw new KubeError({ status: 409, reason: 'AlreadyExists', message: 'exists' });
    return this.#store(lease);
  }

  #replace(lease: Lease): Lease {
    const current = this.#read().metadata.resourceVersion;
    if (lease.metadata.resourceVersion !== current) {
      throw new KubeError({ status: 409, reason: 'Conflict', message: 'modified' });
    }
    return this.#store(lease);
  }

  #store(lease: Lease): Lease {
    this.writes++;
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++this.#version) } };
    return structuredClone(this.lease);
  }
}
