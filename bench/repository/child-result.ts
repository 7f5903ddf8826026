/** What a child says at its end. */
export interface ChildResult {
  manifest?: string;
  files?: number;
  bytes?: number;
  storedBytes?: number;
  /** Of the action itself, without the start of the process. */
  seconds?: number;
  peakBytes?: number;
}
