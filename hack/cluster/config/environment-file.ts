import { join } from 'node:path';
import type { Layout } from '../node/layout.ts';

/**
 * A shell file that points kubectl, helm and everything else at the cluster. What other parts have to say (addresses,
 * keys) they put in files of the folder `env.d` beside it.
 */
export function environmentFile(layout: Pick<Layout, 'name' | 'state' | 'bin' | 'kubeconfig'>): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const extra = quote(join(layout.state, 'env.d'));
  return `export CLUSTER_NAME=${quote(layout.name)}
export CLUSTER_STATE=${quote(layout.state)}
export KUBECONFIG=${quote(layout.kubeconfig)}
case ":$PATH:" in *:${quote(layout.bin)}:*) ;; *) export PATH=${quote(layout.bin)}:"$PATH" ;; esac
if [ -d ${extra} ]; then for osmo_file in $(find ${extra} -type f | sort); do . "$osmo_file"; done; unset osmo_file; fi
`;
}
