import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type AuditEvent, nameOfWrite, readAudit, writesTo } from './audit.ts';

const event = (changes: Partial<AuditEvent> = {}): AuditEvent => ({
  stage: 'ResponseComplete',
  verb: 'create',
  user: { username: 'system:serviceaccount:osmo-system:osmo-controllers' },
  objectRef: { resource: 'tasks', namespace: 'lab', name: 'one.t' },
  responseStatus: { code: 201 },
  ...changes,
});

describe('what counts as a write of ours', () => {
  test.each<[string, AuditEvent]>([
    ['a create', event()],
    [
      'a patch of a status',
      event({ verb: 'patch', objectRef: { resource: 'tasks', subresource: 'status', namespace: 'lab' } }),
    ],
    ['a refused one', event({ responseStatus: { code: 409 } })],
  ])('%s does', (_, given) => expect(writesTo([given], 'lab', 'osmo-system')).toEqual([given]));

  test.each<[string, AuditEvent]>([
    ['a read', event({ verb: 'watch' })],
    ['the beginning of a write', event({ stage: 'ResponseStarted' })],
    ['somebody else’s', event({ user: { username: 'system:node:local' } })],
    ['another installation’s', event({ user: { username: 'system:serviceaccount:other:osmo-controllers' } })],
    ['one to another namespace', event({ objectRef: { resource: 'leases', namespace: 'osmo-system' } })],
    ['one to the cluster', event({ objectRef: { resource: 'backends' } })],
  ])('%s doesn’t', (_, given) => expect(writesTo([given], 'lab', 'osmo-system')).toEqual([]));

  test('has a name for messages', () => expect(nameOfWrite(event())).toBe('create tasks one.t 201'));
});

test('a line of the log that is half written is left for later', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  try {
    const file = join(folder, 'audit.log');
    writeFileSync(file, `${JSON.stringify(event())}\n${JSON.stringify(event()).slice(0, 20)}`);
    expect(readAudit(file)).toEqual([event()]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
