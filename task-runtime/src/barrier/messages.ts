/**
 * What the tasks of a group and their lead say to each other: one line a message.
 *
 *     task → lead   hello GROUP EPOCH NAME   I am here
 *     lead → task   wait                     you are one of us
 *     lead → task   check N                  all are here: are you still?
 *     task → lead   here N                   I am
 *     lead → task   go                       all were: start your command
 *     task → lead   ack                      I do
 *     lead → task   no REASON                not one of us
 */
export type TaskMessage =
  { says: 'hello'; group: string; epoch: string; name: string } | { says: 'here'; check: number } | { says: 'ack' };

export type LeadMessage =
  { says: 'wait' } | { says: 'check'; check: number } | { says: 'go' } | { says: 'no'; reason: string };

/** Longest line in bytes, its end not counted. */
export const longestLine = 800;

/** The line of a message, with its end. */
export function lineOf(message: TaskMessage | LeadMessage): string {
  switch (message.says) {
    case 'hello':
      return `hello ${message.group} ${message.epoch} ${message.name}\n`;
    case 'here':
    case 'check':
      return `${message.says} ${message.check}\n`;
    case 'no':
      return `no ${message.reason}\n`;
    case 'ack':
    case 'wait':
    case 'go':
      return `${message.says}\n`;
  }
}

const word = '[A-Za-z0-9._-]{1,253}';
const number = '\\d{1,15}';
const hello = new RegExp(`^hello (${word}) (${word}) (${word})$`);
const here = new RegExp(`^here (${number})$`);
const check = new RegExp(`^check (${number})$`);

/** What a task said; undefined for a line that is none of its messages. */
export function readTaskMessage(line: string): TaskMessage | undefined {
  const [, group, epoch, name] = hello.exec(line) ?? [];
  if (group !== undefined && epoch !== undefined && name !== undefined) return { says: 'hello', group, epoch, name };
  const [, answered] = here.exec(line) ?? [];
  if (answered !== undefined) return { says: 'here', check: Number(answered) };
  return line === 'ack' ? { says: 'ack' } : undefined;
}

/** What the lead said; undefined for a line that is none of its messages. */
export function readLeadMessage(line: string): LeadMessage | undefined {
  const [, asked] = check.exec(line) ?? [];
  if (asked !== undefined) return { says: 'check', check: Number(asked) };
  if (line.startsWith('no ')) return { says: 'no', reason: line.slice('no '.length) };
  return line === 'wait' || line === 'go' ? { says: line } : undefined;
}
