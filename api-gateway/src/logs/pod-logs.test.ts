import { expect, test } from '@jest/globals';
import type { KubeClient } from '@osmo/kube';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { podLogSource } from './pod-logs.ts';

const never = new AbortController().signal;
const task = taskOf(workflowOf('w'), 'first', { phase: 'Completed', podName: 'p-0' });

/** What the log of the pod is read as, when the kubelet sends these pieces; undefined when it is none. */
async function read(...pieces: string[]): Promise<string[] | undefined> {
  const body = (async function* sent() {
    for (const piece of pieces) yield Buffer.from(piece);
  })();
  const client = { stream: async () => ({ status: 200, headers: {}, body }) } as unknown as Pick<KubeClient, 'stream'>;
  const lines = await podLogSource(client).open({ task, attempt: 0, follow: false }, never);
  if (lines === undefined) return undefined;
  const texts: string[] = [];
  for await (const { time, text } of lines) texts.push(`${time}|${text}`);
  return texts;
}
const time = '2026-01-01T00:00:00.123456789Z';

test('lines come with their times, however they were cut', async () => {
  expect(await read(`${time} one\n${time} tw`, `o\n${time} \n${time} a  b`)).toEqual([
    `${time}|one`,
    `${time}|two`,
    `${time}|`,
    `${time}|a  b`,
  ]);
  expect(await read()).toEqual([]);
});

test('what the kubelet says of a container that is gone is no log', async () => {
  expect(await read('unable to retrieve container logs for containerd://610cad9ad317')).toBeUndefined();
});

test('what the kubelet says in between is no line of the log', async () => {
  const lines = await read(
    `${time} one\nfailed to watch the file\n`,
    `${time} two\nunable to retrieve container logs\n`,
  );
  expect(lines).toEqual([`${time}|one`, `${time}|two`]);
});

test('nothing of a line of megabytes is lost', async () => {
  const long = 'x'.repeat(700_000);
  const lines = (await read(`${time} ${long}`, long, 'the end\n', `${time} next\n`)) ?? [];
  expect(lines.map((line) => line.slice(time.length + 1)).join('')).toBe(`${long}${long}the endnext`);
  expect(lines.every((line) => line.startsWith(`${time}|`))).toBe(true);
});
