import type { BackendSpecInput } from '@osmo/crds';
import type { Dependencies } from '../dependencies.ts';
import { notFound, RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Backends } from '../kinds.ts';
import { backendShape, backendView } from './backend-config.ts';
import { isJson, own, withConfig } from './config-fields.ts';
import { configOf, current, refuseIfWrong, resourceName, writeAll } from './write.ts';

const tag = 'Configuration';

/** Backends in upstream's JSON. Who operates a backend writes its status; what an administrator says of it is written here. */
export function backendConfigOperations(dependencies: Dependencies): Operation[] {
  const { caches, access } = dependencies;
  return [
    operation({
      id: 'listBackendConfigs',
      action: 'config:Read',
      method: 'get',
      path: '/api/configs/backend',
      tag,
      summary: 'Reads how backends are set up, and how they are',
      answer: { description: 'Backends.', schema: { type: 'object', required: ['backends'] } },
      async handle({ caller }) {
        await access.demand(caller, { verb: 'list', resource: 'backends' });
        const backends = caches.backends.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
        return { json: { backends: backends.map(backendView) } };
      },
    }),
    operation({
      id: 'getBackendConfig',
      action: 'config:Read',
      method: 'get',
      path: '/api/configs/backend/{name}',
      tag,
      summary: 'Reads how a backend is set up, and how it is',
      answer: { description: 'The backend.', schema: { type: 'object' } },
      async handle({ caller, params }) {
        const name = params['name'] ?? '';
        await access.demand(caller, { verb: 'get', resource: 'backends', name });
        const backend = caches.backends.get(undefined, name);
        if (backend !== undefined) return { json: backendView(backend) };
        throw notFound(
          `there is no backend ${JSON.stringify(name.slice(0, 128))}; GET /api/configs/backend lists them`,
        );
      },
    }),
    operation({
      id: 'postBackendConfig',
      action: 'config:Update',
      method: 'post',
      path: '/api/configs/backend/{name}',
      tag,
      summary: 'Sets a backend up, or makes one: what is left out goes back to its default',
      body: { schema: { description: 'The configuration, or an object with it under `configs`.', type: 'object' } },
      answer: { description: 'Null: it is done.', schema: { type: 'null' } },
      async handle({ caller, params, body, signal }) {
        const name = params['name'] ?? '';
        const client = dependencies.as(caller);
        const old = await current(client, Backends, name, signal);
        const start: BackendSpecInput = old?.spec ?? {};
        const { spec, problems } = withConfig(backendShape, start, configOf(body), 'backend');
        refuseIfWrong(problems);
        await writeAll(client, [{ type: Backends, name, old, spec }], signal);
        return { json: null };
      },
    }),
    operation({
      id: 'deleteBackendConfig',
      action: 'config:Delete',
      method: 'delete',
      path: '/api/configs/backend/{name}',
      tag,
      summary: 'Deletes a backend that no pool uses',
      body: {
        required: false,
        schema: { type: 'object', properties: { force: { type: 'boolean', description: 'Also one that pools use.' } } },
      },
      answer: { description: 'Null: it is done.', schema: { type: 'null' } },
      async handle({ caller, params, body, signal }) {
        const name = resourceName(params['name']);
        const force = isJson(body) && own(body, 'force') === true;
        const client = dependencies.as(caller);
        const users = caches.pools.list().filter(({ spec }) => spec.backend === name);
        if (users.length > 0 && !force) {
          // Not before the right to see it is proven.
          await client.get(Backends, { name }, { signal });
          const names = users.slice(0, 5).map(({ metadata }) => metadata.name);
          const message = `backend ${name} is used by ${users.length} pools, such as ${names.join(', ')}: move them first, or send {"force": true}`;
          throw new RequestError(400, 'USER', message);
        }
        await client.delete(Backends, { name }, { signal });
        return { json: null };
      },
    }),
  ];
}
