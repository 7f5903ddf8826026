/** What one client, or all together, may take of the server before anybody is asked who they are. */
export interface ServerLimits {
  /** Of all headers of a request, bytes. */
  readonly headerBytes: number;
  /** Headers that are read; what comes beyond them is ignored. */
  readonly headers: number;
  /** How long the headers of a request, or the handshake of TLS, may take to arrive, ms. */
  readonly headersMs: number;
  /** How long a whole request may take to arrive, body included, ms. */
  readonly requestMs: number;
  /** How long a connection may be open between requests, ms. */
  readonly idleMs: number;
  /** How often connections are looked at for what takes too long, ms: so much longer it may take. */
  readonly lookMs: number;
  /** Requests on one connection, after which it ends: so replicas that came later get their share of clients that stay. */
  readonly requests: number;
  /** Connections that are open at once; further ones are closed as they come. */
  readonly connections: number;
}

export const defaultLimits: ServerLimits = {
  headerBytes: 32 << 10,
  headers: 100,
  headersMs: 15_000,
  requestMs: 60_000,
  // Longer than load balancers keep theirs, so that they never write into one that is being closed.
  idleMs: 75_000,
  lookMs: 5_000,
  requests: 10_000,
  connections: 8_192,
};
