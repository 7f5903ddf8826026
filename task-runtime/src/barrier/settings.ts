import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';

/** What one task of a group knows about the round that it takes part in. */
export interface BarrierSettings {
  /** Identifies the group among all groups: an address may have been another group's a moment ago. */
  group: string;
  /** Which start of the group this is; only tasks of the same one meet. */
  epoch: string;
  /** This task, by a name that no other task of the group has. */
  name: string;
  /** How many tasks must be here, this one included. */
  size: number;
  /** Whether the others come to this task. */
  lead: boolean;
  /** Host name of the lead, as DNS knows it. */
  leadHost: string;
  /** Port on which the lead listens. */
  port: number;
}

/** Below every system's ephemeral ports, so that no outgoing connection takes it. */
export const defaultPort = 24_024;

export const barrierUsage = `barrier --group ID --epoch ID --name NAME --size N --lead-host HOST [--lead] [--port ${defaultPort}]`;

const word = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

/**
 * Reads the arguments of `barrier`.
 *
 * @throws UsageError that names the flag, its value and what is allowed
 */
export function parseBarrierSettings(argv: readonly string[]): BarrierSettings {
  const values = parse(argv);
  return {
    group: name('group', values.group),
    epoch: name('epoch', values.epoch),
    name: name('name', values.name),
    size: integer('size', values.size, 1, 1_000_000),
    lead: values.lead,
    leadHost: name('lead-host', values['lead-host']),
    port: integer('port', values.port, 1, 65_535),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        group: { type: 'string', default: '' },
        epoch: { type: 'string', default: '' },
        name: { type: 'string', default: '' },
        size: { type: 'string', default: '' },
        lead: { type: 'boolean', default: false },
        'lead-host': { type: 'string', default: '' },
        port: { type: 'string', default: String(defaultPort) },
      },
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function name(flag: string, value: string): string {
  if (word.test(value)) return value;
  throw new UsageError(`--${flag} ${JSON.stringify(value)}: must be letters, digits, '.', '_' and '-', at most 253`);
}

function integer(flag: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw new UsageError(`--${flag} ${JSON.stringify(value)}: must be an integer from ${min} to ${max}`);
}
