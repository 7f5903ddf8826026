import { spawn } from 'node:child_process';

/** Opens an address in the browser of whoever sits here; false where there is none. */
export function openBrowser(address: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const { platform } = process;
  const graphical = platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['BROWSER']);
  if (!graphical || env['SSH_CONNECTION']) return Promise.resolve(false);
  // No shell: the address holds what the provider says.
  const program = platform === 'darwin' ? 'open' : env['BROWSER'] || 'xdg-open';
  return new Promise((resolve) => {
    const child = spawn(program, [address], { detached: true, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
