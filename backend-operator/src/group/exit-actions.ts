import type { ExitAction } from '@osmo/crds';

/**
 * What the first rule that names the code asks for; undefined when none does. Codes are those of `status.exitCode`: 0 to
 * 255 of the command, above that of the cluster. A range whose ends are the wrong way round names nothing.
 */
export function exitActionFor(
  actions: readonly ExitAction[] | undefined,
  code: number | undefined,
): ExitAction['action'] | undefined {
  if (code === undefined) return undefined;
  return actions?.find(({ exitCodes }) => names(exitCodes, code))?.action;
}

function names(exitCodes: string, code: number): boolean {
  return exitCodes.split(',').some((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return first !== undefined && last !== undefined && first <= code && code <= last;
  });
}
