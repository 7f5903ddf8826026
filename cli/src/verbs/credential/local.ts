import {
  type DataCredentials,
  dataCredentialsPath,
  readDataCredentials,
  writeDataCredentials,
} from '../../data/credentials-file.ts';
import { Failure, usageFailure } from '../../failure.ts';
import type { Session } from '../../session.ts';

/** Where the name of a credential is kept, among its fields. */
const nameField = 'name';

/** Keeps a data credential on this machine too: `osmo data` and `osmo dataset` move bytes from here. */
export async function keepLocally(
  session: Session,
  name: string,
  payload: Readonly<Record<string, string>>,
): Promise<string> {
  const { profileOf } = await import('@osmo/storage/profile');
  let profile: string;
  try {
    profile = profileOf(payload['endpoint'] ?? '');
  } catch (error) {
    throw usageFailure(`endpoint: ${(error as Error).message}`);
  }
  const path = dataCredentialsPath(session.configFile);
  const known = await readDataCredentials(path);
  await writeDataCredentials(path, { ...known, [profile]: { ...payload, [nameField]: name } });
  return profile;
}

/** Data credentials of this machine. */
export const localCredentials = (session: Session): Promise<DataCredentials> =>
  readDataCredentials(dataCredentialsPath(session.configFile));

/** Forgets data credentials of this machine by name. @returns their profiles */
export async function forgetLocally(session: Session, name: string): Promise<string[]> {
  const known = await localCredentials(session);
  const gone = Object.keys(known).filter((profile) => known[profile]?.[nameField] === name);
  if (gone.length === 0) return [];
  const kept = Object.fromEntries(Object.entries(known).filter(([profile]) => !gone.includes(profile)));
  await writeDataCredentials(dataCredentialsPath(session.configFile), kept);
  return gone;
}

/** Whether a failure says that the gateway keeps no such thing, or that there is no gateway. */
export const isElsewhere = (error: unknown): error is Failure =>
  error instanceof Failure && (error.code === 404 || error.message.startsWith('no gateway is known'));
