import type { GatewayClient, Request } from '../../http/client.ts';
import type { Session } from '../../session.ts';

/** Prints an answer as it comes; a slow reader slows the gateway down instead of filling this process. */
export async function printStream({ host }: Session, client: GatewayClient, request: Request): Promise<void> {
  for await (const text of client.stream(request)) {
    host.out.write(text);
    await host.out.drained();
  }
}
