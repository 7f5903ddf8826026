import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';

/** An app as a command names it. */
export interface AppName {
  /** Without a version. */
  name: string;
  /** Undefined for the newest one. */
  version: number | undefined;
  /** Of the app in the REST API. */
  path: string;
}

/**
 * Reads `NAME` or `NAME:VERSION`.
 *
 * @throws Failure when the name is empty or the version is no number from 1
 */
export function appName(text: string): AppName {
  const [, name = '', , version] = /^([^:]*)(:(.*))?$/.exec(text) ?? [];
  const isVersion = version === undefined || (/^\d{1,10}$/.test(version) && Number(version) >= 1);
  if (name === '' || !isVersion)
    throw usageFailure(`${JSON.stringify(text)}: must be the name of an app, or name:version with a number from 1`);
  return {
    name,
    version: version === undefined ? undefined : Number(version),
    path: `/api/app/user/${segment(name)}`,
  };
}

/** An app without a version: what concerns all of its versions. */
export function plainAppName(text: string): AppName {
  const app = appName(text);
  if (app.version === undefined) return app;
  throw usageFailure(`${JSON.stringify(text)}: must be the name of an app, without a version`);
}
