/**
 * The command line that runs a program which the kernel kills when this process ends, in whatever way (setpriv's parent-death
 * signal). Linux only; elsewhere the program itself, which then survives a killed parent.
 */
export function dieWithParent(command: string, args: readonly string[]): [command: string, args: string[]] {
  if (process.platform !== 'linux') return [command, [...args]];
  return ['setpriv', ['--pdeathsig', 'KILL', command, ...args]];
}
