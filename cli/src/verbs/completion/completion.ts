import type { Group } from '../../program.ts';
import { usageFailure } from '../../failure.ts';
import type { Verb } from '../../verb.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { completed } from './model.ts';
import { zshCompletion } from './zsh.ts';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** The command that prints what a shell completes the others by; it is one of them. */
export function completionOf(groups: readonly Group[], others: readonly Verb[]): Verb {
  const completion: Verb = {
    path: ['completion'],
    summary: 'Print what a shell completes commands and options by',
    description: 'The gateway is not asked, neither now nor when the shell completes.',
    arguments: [{ name: 'shell', description: 'bash, zsh or fish', choices: Object.keys(shells) }],
    examples: [
      ['completion bash > ~/.local/share/bash-completion/completions/osmo', 'for every bash'],
      ['completion zsh > "${fpath[1]}/_osmo"', 'for every zsh'],
      ['completion fish > ~/.config/fish/completions/osmo.fish', 'for every fish'],
    ],
    async run({ host }, { args: [shell = ''] }) {
      const made = Object.hasOwn(shells, shell) ? shells[shell as keyof typeof shells] : undefined;
      if (made === undefined)
        throw usageFailure(`shell: ${JSON.stringify(shell)}: must be one of ${Object.keys(shells).join(', ')}`);
      host.out.write(made(completed(groups, [...others, completion])));
    },
  };
  return completion;
}
