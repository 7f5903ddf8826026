/** Times of certificates, ms. */
export interface CertificatePolicy {
  /** How long a certificate and its authority are valid from when they are made. */
  readonly lifetimeMs: number;
  /** How long before its end a certificate is replaced. */
  readonly renewBeforeMs: number;
  /**
   * How long a new certificate waits, its authority being trusted already, until it is served: until everybody has heard of
   * it: every apiserver of a control plane, or people who copied it.
   */
  readonly settleMs: number;
  /** How far certificates are dated back: clocks of other machines may be behind. */
  readonly backdateMs: number;
}

const day = 24 * 3600 * 1000;

/** Three months, of which the last is for whatever keeps a renewal from happening. */
export const defaultPolicy: CertificatePolicy = {
  lifetimeMs: 90 * day,
  renewBeforeMs: 30 * day,
  settleMs: 10 * 60_000,
  backdateMs: day,
};
