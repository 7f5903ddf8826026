import { connect, type Socket } from 'node:net';

/** What a watcher tells of. */
export type Seen = 'SYNCED' | 'MODIFIED';

/**
 * Follows server-sent events with as little as can be, so that a thousand of them leave the machine to who serves them: events are counted,
 * not read.
 */
export class Watcher {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param onEvent called at each event of these kinds, with how many of its kind there were */
  static open(url: string, path: string, user: string, onEvent: (what: Seen, count: number) => void): Promise<Watcher> {
    const { hostname, port, host } = new URL(url);
    const counts = { SYNCED: 0, MODIFIED: 0 };
    const read = eventReader((what) => onEvent(what, ++counts[what]));
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nx-osmo-user: ${user}\r\n\r\n`);
        resolve(new Watcher(socket));
      });
      socket.setEncoding('latin1');
      socket.on('data', (text: unknown) => read(text as string));
      socket.once('error', reject);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Finds the events in a text that comes in pieces. */
export function eventReader(found: (what: Seen) => void): (piece: string) => void {
  const mark = /event: (SYNCED|MODIFIED)\n/g;
  let rest = '';
  return (piece) => {
    const text = rest + piece;
    let end = 0;
    for (const match of text.matchAll(mark)) {
      found(match[1] as Seen);
      end = match.index + match[0].length;
    }
    // A mark may be cut in two.
    rest = text.slice(Math.max(end, text.length - 'event: MODIFIED\n'.length + 1));
  };
}
