import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressPlan, chooseIndex, maximumClusters, type Registration } from './addresses.ts';

const indexes = fc.integer({ min: 0, max: maximumClusters - 1 });
const number = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
const range = (cidr: string): [number, number] => {
  const [base = '', prefix = ''] = cidr.split('/');
  return [number(base), number(base) + 2 ** (32 - Number(prefix)) - 1];
};

describe('the addresses of a cluster', () => {
  test('are these for the first and the last', () => {
    expect(addressPlan(0)).toMatchObject({
      hostAddress: '10.201.0.1',
      podCidr: '10.240.0.0/18',
      dnsService: '10.112.0.10',
    });
    expect(addressPlan(63)).toMatchObject({
      hostAddress: '10.201.63.1',
      podCidr: '10.255.192.0/18',
      serviceCidr: '10.127.192.0/18',
    });
  });

  test('never meet those of another, nor one another', () => {
    fc.assert(
      fc.property(indexes, indexes, (one, two) => {
        const networks = (index: number): string[] => {
          const plan = addressPlan(index);
          return [`10.201.${index}.0/24`, plan.podCidr, plan.serviceCidr];
        };
        const all = [...networks(one), ...(one === two ? [] : networks(two))].map(range).toSorted(([a], [b]) => a - b);
        all.slice(1).forEach(([start], position) => expect(start).toBeGreaterThan(all[position]?.[1] ?? Infinity));
      }),
    );
  });

  test('begin at a network boundary, hold the fixed Service addresses, and give interface names that Linux takes', () => {
    fc.assert(
      fc.property(indexes, (index) => {
        const plan = addressPlan(index);
        const [start, end] = range(plan.serviceCidr);
        expect(start % 2 ** 14).toBe(0);
        for (const address of [plan.apiserverService, plan.dnsService]) {
          expect(number(address)).toBeGreaterThan(start);
          expect(number(address)).toBeLessThan(end);
        }
        expect(plan.hostInterface.length).toBeLessThanOrEqual(15);
      }),
    );
  });

  test.each([[-1], [64], [1.5], [Number.NaN]])('are refused for number %s', (index) => {
    expect(() => addressPlan(index)).toThrow('allowed are integers from 0 to 63');
  });
});

describe('the number of a cluster', () => {
  const entry = (index: number): Registration => ({ index, stateDirectory: `/state/${index}` });

  test('is kept once given, whatever the host has', () => {
    expect(chooseIndex([entry(0), entry(3)], '/state/3', new Set([3]))).toBe(3);
  });

  test('is otherwise free in the register and on the host', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(indexes, { maxLength: 30 }),
        fc.uniqueArray(indexes, { maxLength: 30 }),
        (registered, taken) => {
          const chosen = chooseIndex(registered.map(entry), '/state/new', new Set(taken));
          expect([...registered, ...taken]).not.toContain(chosen);
          expect(chosen).toBeLessThan(maximumClusters);
        },
      ),
    );
  });

  test('is refused when all are in use', () => {
    const full = Array.from({ length: maximumClusters }, (_, index) => entry(index));
    expect(() => chooseIndex(full, '/state/new', new Set())).toThrow(
      'all 64 cluster numbers of this machine are in use',
    );
  });
});
