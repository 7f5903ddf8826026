import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from '../system/lock.ts';
import { addressPlan, chooseIndex, maximumClusters, type AddressPlan, type Registration } from './addresses.ts';

/** The machine-wide register of cluster numbers; for every user and checkout the same file. */
const registerFile = '/var/tmp/osmo-clusters/register.json';

/**
 * Reserves the addresses of the cluster in `stateDirectory`, or tells those it has. Entries whose folder is gone are
 * dropped on the way.
 */
export function claimAddresses(stateDirectory: string): Promise<AddressPlan> {
  return changeRegister((entries) => {
    const living = entries.filter((entry) => existsSync(entry.stateDirectory));
    const index = chooseIndex(living, stateDirectory, indexesOnHost());
    const others = living.filter((entry) => entry.index !== index);
    return { entries: [...others, { index, stateDirectory }], result: addressPlan(index) };
  });
}

/** Gives the number of the cluster in `stateDirectory` back. */
export function releaseAddresses(stateDirectory: string): Promise<void> {
  return changeRegister((entries) => ({
    entries: entries.filter((entry) => entry.stateDirectory !== stateDirectory),
    result: undefined,
  }));
}

/** The addresses that the cluster in `stateDirectory` has; undefined when it has none. */
export function claimedAddresses(stateDirectory: string): AddressPlan | undefined {
  const entry = readRegister().find((candidate) => candidate.stateDirectory === stateDirectory);
  return entry && addressPlan(entry.index);
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
