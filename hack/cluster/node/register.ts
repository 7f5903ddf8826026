import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from '../system/lock.ts';
import { addressPlan, chooseIndex, maximumClusters, type AddressPlan, type Registration } from './addresses.ts';
import type { Layout } from './layout.ts';

/** The machine-wide register of cluster numbers; for every user and checkout the same file. */
const registerFile = '/var/tmp/osmo-clusters/register.json';

/**
 * Reserves the addresses of a cluster, or tells those it has. Entries whose folder is gone are dropped on the way. The
 * cluster's own folder keeps the number too, as something may clean up temporary folders while the cluster runs.
 */
export function claimAddresses(layout: Layout): Promise<AddressPlan> {
  return changeRegister((entries) => {
    const living = entries.filter((entry) => existsSync(entry.stateDirectory));
    const others = living.filter((entry) => entry.stateDirectory !== layout.state);
    const known = ownIndex(layout);
    const free = known !== undefined && others.every((entry) => entry.index !== known);
    const index = free ? known : chooseIndex(others, layout.state, indexesOnHost());
    mkdirSync(layout.state, { recursive: true });
    writeFileSync(`${layout.index}.part`, String(index));
    renameSync(`${layout.index}.part`, layout.index);
    return { entries: [...others, { index, stateDirectory: layout.state }], result: addressPlan(index) };
  });
}

/** Gives the number of a cluster back. */
export function releaseAddresses(layout: Layout): Promise<void> {
  return changeRegister((entries) => ({
    entries: entries.filter((entry) => entry.stateDirectory !== layout.state),
    result: undefined,
  }));
}

/** The addresses that a cluster has; undefined when it has none. */
export function claimedAddresses(layout: Layout): AddressPlan | undefined {
  const index = ownIndex(layout);
  return index === undefined ? undefined : addressPlan(index);
}

function ownIndex(layout: Layout): number | undefined {
  return existsSync(layout.index) ? Number(readFileSync(layout.index, 'utf8')) : undefined;
}

function readRegister(): Registration[] {
  if (!existsSync(registerFile)) return [];
  return JSON.parse(readFileSync(registerFile, 'utf8')) as Registration[];
}

function changeRegister<T>(change: (entries: Registration[]) => { entries: Registration[]; result: T }): Promise<T> {
  return withLock(join(dirname(registerFile), 'lock'), async () => {
    const { entries, result } = change(readRegister());
    mkdirSync(dirname(registerFile), { recursive: true });
    writeFileSync(`${registerFile}.part`, JSON.stringify(entries));
    renameSync(`${registerFile}.part`, registerFile);
    return result;
  });
}

/** Numbers whose link network the host has an address in: of another register, or of something else altogether. */
function indexesOnHost(): Set<number> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const numbers = addresses.map(({ address }) => /^10\.201\.(\d+)\./.exec(address)?.[1]).map(Number);
  return new Set(numbers.filter((number) => number >= 0 && number < maximumClusters));
}
