import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { run } from '../system/run.ts';
import {
  authorities,
  authorityArguments,
  certificateArguments,
  certificateRequests,
  type CertificateInput,
} from './plan.ts';

/**
 * Makes the authorities, every certificate and the key that signs service account tokens, in `folder` (mode 0700, keys
 * 0600). Complete or absent: it is written beside and renamed; when it exists for the same input, nothing is done.
 *
 * @throws RunError when openssl(1) fails or is missing.
 */
export async function issueCertificates(folder: string, input: CertificateInput): Promise<void> {
  const stamp = JSON.stringify(certificateRequests(input));
  if (existsSync(`${folder}/input.json`) && readFileSync(`${folder}/input.json`, 'utf8') === stamp) return;
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  await Promise.all(authorities.map((name) => run('openssl', authorityArguments(draft, name))));
  await Promise.all(certificateRequests(input).map((request) => run('openssl', certificateArguments(draft, request))));
  const key = `${draft}/service-account.key`;
  await run('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', key]);
  await run('openssl', ['pkey', '-in', key, '-pubout', '-out', `${draft}/service-account.pub`]);
  for (const file of readdirSync(draft)) if (file.endsWith('.key')) chmodSync(`${draft}/${file}`, 0o600);
  writeFileSync(`${draft}/input.json`, stamp);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
}
