import type { Session } from '../session.ts';
import type { OutputFormat } from '../verb.ts';

/** How a result is printed. */
export interface Result {
  /** What `json` and `yaml` print: the gateway's answer. */
  data: unknown;
  /** What `name` prints, one a line. */
  names?: readonly string[];
  /** What people see, without a newline at its end. */
  text: (wide: boolean) => string;
}

/** Prints a result as it was asked for. */
export async function printResult(session: Session, format: OutputFormat, result: Result): Promise<void> {
  const { host } = session;
  switch (format) {
    case 'json':
      return session.print(JSON.stringify(result.data, null, 2));
    case 'yaml': {
      const { stringify } = await import('yaml');
      return host.out.write(stringify(result.data));
    }
    case 'name':
      for (const name of result.names ?? []) session.print(name);
      return undefined;
    case 'text':
    case 'wide': {
      const text = result.text(format === 'wide');
      if (text !== '') session.print(text);
      return undefined;
    }
  }
}
