/**
 * Turns any text into a label value: characters outside the label alphabet become `_`, at most 63 characters, alphanumeric
 * at both ends. May be ''.
 */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, '');
}

const labelSyntax = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/;

/** Whether a text is a label value as it is. */
export function isLabelValue(text: string): boolean {
  return text.length <= 63 && labelSyntax.test(text);
}

/**
 * Who submitted, as a label: as it is, else the user part of a mail address, else nothing. A name that was bent to fit
 * would point at somebody else.
 */
export function submitterLabel(submittedBy: string | undefined): string | undefined {
  if (submittedBy === undefined || submittedBy === '') return undefined;
  if (isLabelValue(submittedBy)) return submittedBy;
  const user = /^([^@]+)@[^@]+$/.exec(submittedBy)?.[1];
  return user !== undefined && isLabelValue(user) ? user : undefined;
}

/** Lower-case DNS label of at most `max` characters; `fallback` where nothing is left. */
export function dnsLabel(text: string, max: number, fallback: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, max)
    .replace(/-+$/, '');
  return label === '' ? fallback : label;
}

/** Name of the user's container: the task's name, lower case, `_` as `-`, at most 63 characters. */
export function containerNameOf(taskName: string): string {
  return dnsLabel(taskName, 63, 'task');
}

/**
 * Name of the pod of one attempt of one task. It depends on nothing but the Task's identity and the attempt, so a second
 * create of the same attempt is refused by the apiserver and can't become a second run.
 */
export function podNameOf(task: { name: string; uid: string }, attempt: number): string {
  return `${dnsLabel(task.name, 38, 'task')}-${task.uid.replaceAll('-', '').slice(0, 18)}-${attempt}`;
}

/** Name of the Secret that holds the inline files of a pod. */
export function filesSecretNameOf(podName: string): string {
  return `${podName}-files`;
}
