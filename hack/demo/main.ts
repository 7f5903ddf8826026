/**
 * Runs the recipes of `examples/` on the cluster, live, prints what each task printed and a table of how they ended.
 * Exits 0 only if every one ended as it says.
 *
 *     node hack/demo/main.ts [-o json] [--namespace osmo-demo] [--timeout SECONDS] [--no-up]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createClient, type KubeClient, loadAccess, systemClock } from '@osmo/kube';
import { cacheFolder } from '../cluster/system/cache.ts';
import { bringUp } from '../install/bring-up.ts';
import type { S3Site } from '../cluster/node/s3.ts';
import { siteIn } from './bucket.ts';
import { type Example, parseExample } from './example.ts';
import { ansi, plain, resultOf, tableLines } from './render.ts';
import { readLogs, runExamples, type TaskLog } from './run.ts';
import { newScreen } from './screen.ts';

const root = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    output: { type: 'string', short: 'o', default: 'text' },
    namespace: { type: 'string', default: 'osmo-demo' },
    timeout: { type: 'string', default: '600' },
    'no-up': { type: 'boolean', default: false },
  },
});
if (!['text', 'json'].includes(values.output)) throw new Error(`-o ${values.output}: want text or json`);
const json = values.output === 'json';
// Where stdout is for a program, progress goes to stderr.
const say = (text: string): void => (json ? console.error : console.log)(`==> ${text}`);
const timeoutMs = Number(values.timeout) * 1000;
if (!(timeoutMs > 0)) throw new Error(`--timeout ${values.timeout}: want a number of seconds`);

/** A cluster with OSMO on it, and its object store, if it has one. */
interface Site {
  client: KubeClient;
  site: S3Site | undefined;
}

/** The cluster is brought up with OSMO on it, unless --no-up leaves that to KUBECONFIG and OSMO_S3_…. */
async function connect(): Promise<Site> {
  const context = { root, cache: cacheFolder(process.env), say };
  const { kubeconfig, s3 } = values['no-up']
    ? { kubeconfig: undefined, s3: siteIn(process.env) }
    : await bringUp(context);
  const access = await loadAccess({ kubeconfig, clock: systemClock, env: process.env });
  return { client: createClient({ access, userAgent: 'osmo-demo' }), site: s3 };
}

function loadExamples(site: S3Site | undefined): Example[] {
  const folder = join(root, 'examples');
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const all = files.map((file) => parseExample(`examples/${file}`, readFileSync(join(folder, file), 'utf8')));
  const [left, examples] = [true, false].map((isLeft) =>
    all.filter(({ needsBucket }) => (needsBucket && site === undefined) === isLeft),
  );
  for (const { file } of left ?? [])
    say(
      `${file} is left out: this cluster brings no object store, and no OSMO_S3_ENDPOINT, _REGION, _BUCKET, _ACCESS_KEY_ID, _SECRET_ACCESS_KEY name one`,
    );
  return examples ?? [];
}

function printLogs(logs: readonly TaskLog[], paint: typeof ansi): void {
  for (const { workflow, task, state, text } of logs) {
    console.log(`${paint('bold', `── ${workflow}/${task}`)} ${paint('dim', state)}`);
    if (text !== undefined) console.log(text.trimEnd());
  }
}

const { client, site } = await connect();
try {
  const examples = loadExamples(site);
  const paint = process.stdout.isTTY ? ansi : plain;
  const screen = json ? undefined : newScreen(process.stdout, () => new Date());
  const states = await runExamples({
    client,
    namespace: values.namespace,
    examples,
    site,
    timeoutMs,
    onProgress: (pictures) => screen?.show(pictures),
  });
  screen?.close();
  const logs = await readLogs(client, states);
  const results = states.map(resultOf);
  if (json) {
    console.log(JSON.stringify({ ok: results.every((result) => result.ok), results, logs }, undefined, 2));
  } else {
    console.log();
    printLogs(logs, paint);
    console.log();
    for (const line of tableLines(results, paint)) console.log(line);
  }
  process.exitCode = results.every((result) => result.ok) ? 0 : 1;
} finally {
  await client.close();
}
