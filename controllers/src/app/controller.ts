import type { App, AppVersion } from '@osmo/crds';
import {
  type ControllerDefinition,
  defineController,
  generationChanged,
  isNotFound,
  type KubeClient,
  owning,
} from '@osmo/kube';
import { type Caches, Indexes } from '../caches.ts';
import { Apps } from '../kinds.ts';
import { digestOf } from './digest.ts';
import { type AppWorld, isUnrecorded, planApp } from './plan.ts';

/** Makes versions of the recipes that Apps declare, and keeps as many as they want. */
export function appController(
  { apps, appVersions }: Pick<Caches, 'apps' | 'appVersions'>,
  client: Pick<KubeClient, 'get'>,
): ControllerDefinition<App, AppWorld> {
  return defineController({
    name: 'app',
    for: { informer: apps, predicate: generationChanged },
    owns: [owning<AppVersion>({ informer: appVersions })],
    // Each may hold a recipe of a mebibyte in its hands.
    workers: 2,
    async observe({ namespace, name }, { signal }) {
      const app = apps.get(namespace, name);
      if (app === undefined || app.metadata.deletionTimestamp !== undefined) return undefined;
      const versions = appVersions.byIndex(Indexes.app, `${namespace}/${name}`);
      if (!isUnrecorded({ app, versions })) return { app, versions };
      return { app, versions, recipe: await recipeOf(app, client, signal) };
    },
    plan: planApp,
  });
}

/** The recipe that the cache has the digest of; undefined when the app has moved on, which the cache will tell too. */
async function recipeOf(
  { metadata: { name, namespace, uid }, spec }: App,
  client: Pick<KubeClient, 'get'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const now = await client.get(Apps, { name, namespace }, { signal });
    const { recipe } = now.spec;
    return now.metadata.uid === uid && recipe !== undefined && digestOf(recipe) === spec.recipe ? recipe : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
