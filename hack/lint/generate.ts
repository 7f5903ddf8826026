/** Writes .oxlintrc.json from hack/lint/oxlint.base.json and the import table; with --check it only compares. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { importOverrides, importTable } from './import-table.ts';

const target = '.oxlintrc.json';
const base = JSON.parse(readFileSync('hack/lint/oxlint.base.json', 'utf8')) as { overrides?: object[] };
const folders = Object.keys(importTable).filter((folder) => existsSync(`${folder}/package.json`));
const config = { ...base, overrides: [...(base.overrides ?? []), ...importOverrides(folders)] };
const text = await format(JSON.stringify(config), { ...(await resolveConfig(target)), filepath: target });

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  console.error(`${target} is stale: run \`make generate\` and commit the result`);
  process.exitCode = 1;
}
