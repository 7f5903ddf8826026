/** How the program ends. The pod's verdict adds an offset to them, see docs/workflows.md. */
export const ExitStatus = {
  done: 0,
  /** The barrier failed for a reason that waiting can't mend; upstream's users know it as 2024. */
  barrier: 24,
  /** The command line can't be used. */
  usage: 64,
  /** It was told to stop: 128 + SIGTERM. */
  stopped: 143,
} as const;
