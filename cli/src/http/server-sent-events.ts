/** An event of a stream as the HTML standard says how to read them. */
export interface ServerSentEvent {
  type: string;
  data: string;
  /** Of this event, or the last one before that had one; undefined before the first. */
  id: string | undefined;
}

/** Reads `text/event-stream` from pieces of text that may be cut anywhere; what isn't ended by an empty line is no event. */
export async function* serverSentEvents(pieces: AsyncIterable<string>): AsyncGenerator<ServerSentEvent> {
  let rest = '';
  let id: string | undefined;
  let type = '';
  let data: string[] = [];
  for await (const piece of pieces) {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { type: type || 'message', data: data.join('\n'), id };
        type = '';
        data = [];
        continue;
      }
      const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'event') type = value;
      else if (field === 'data') data.push(value);
      else if (field === 'id') id = value;
    }
  }
}
