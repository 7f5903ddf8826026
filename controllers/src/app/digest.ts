import { createHash } from 'node:crypto';
import type { App, AppVersion } from '@osmo/crds';

/** SHA-256 of a recipe, as 64 hexadecimal digits: what caches hold instead of the recipe, which may weigh a mebibyte. */
export function digestOf(recipe: string): string {
  return createHash('sha256').update(recipe).digest('hex');
}

/** An App as the caches hold it: its `spec.recipe` is the digest of the recipe. */
export function slimApp(app: App): App {
  // kubectl's copy of what it applied: the recipe once more.
  delete app.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  if (app.spec.recipe !== undefined) app.spec.recipe = digestOf(app.spec.recipe);
  return app;
}

/** An AppVersion as the caches hold it: its `spec.recipe` is the digest of the recipe. */
export function slimAppVersion(version: AppVersion): AppVersion {
  version.spec.recipe = digestOf(version.spec.recipe);
  return version;
}
