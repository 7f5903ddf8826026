import { type Completed, type CompletedOption, nameOf, verbsOf } from './model.ts';

/** The completion of fish: `osmo completion fish | source`. */
export function fishCompletion({ words, verbs }: Completed): string {
  const groups = words.filter(({ name }) => verbsOf(verbs, name).length > 0);
  const lines = [
    ...words.map(({ name, summary }) => `complete -c osmo -n __osmo_first -a ${quoted(name)} -d ${quoted(summary)}`),
    ...groups.flatMap(({ name }) =>
      verbsOf(verbs, name).map(
        ({ path, summary }) =>
          `complete -c osmo -n '__osmo_only ${name}' -a ${quoted(path[1] ?? '')} -d ${quoted(summary)}`,
      ),
    ),
    ...verbs.flatMap((verb) => {
      const inVerb = `-n ${quoted(`__osmo_in ${nameOf(verb)}`)}`;
      return [
        ...(verb.values.length > 0
          ? [`complete -c osmo -n ${quoted(`__osmo_only ${nameOf(verb)}`)} -a ${quoted(verb.values.join(' '))}`]
          : []),
        ...(verb.files ? [`complete -c osmo ${inVerb} -F`] : []),
        ...verb.options.map((option) => `complete -c osmo ${inVerb} ${optionWords(option)}`),
      ];
    }),
  ];
  return `# Completion of osmo for fish: osmo completion fish | source

# Words of the command line that are no options.
function __osmo_words
    string match -v -- '-*' (commandline -opc)[2..]
end
function __osmo_first
    test -z "$(__osmo_words)"
end
function __osmo_only
    test "$(__osmo_words)" = "$(string join \\n -- $argv)"
end
function __osmo_in
    set -l words (__osmo_words)
    test "$words[1..$(count $argv)]" = "$argv"
end

complete -c osmo -f
${lines.join('\n')}
`;
}

function optionWords({ names, description, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const takes = value === undefined ? [] : value.files ? ['-r -F'] : ['-x'];
  const choices = value !== undefined && value.choices.length > 0 ? [`-a ${quoted(value.choices.join(' '))}`] : [];
  return [...flags, ...takes, ...choices, `-d ${quoted(description)}`].join(' ');
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
