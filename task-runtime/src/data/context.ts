import type { BytePool } from '@osmo/storage/repository';
import type { TransferPlan } from '../plan/index.ts';

/** What moving data needs of the world around it. */
export interface DataContext {
  plan: TransferPlan;
  /** Where the folders of inputs, outputs and so on are. */
  folders: { input: string; output: string; credentials: string; checkpoints: string };
  /** Ambient settings of stores, for places without a credential. */
  environment: Readonly<Record<string, string | undefined>>;
  /** What one transfer leaves for the next one to use. */
  kept: { pool?: BytePool | undefined };
  now: () => Date;
  /** Resolves after so long; rejects with the signal's reason. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Writes a line for people. Never a credential. */
  say: (line: string) => void;
}
