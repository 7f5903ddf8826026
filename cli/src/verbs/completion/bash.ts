import { type Completed, nameOf, verbsOf } from './model.ts';

/** The completion of bash: `source <(osmo completion bash)`. It needs nothing but bash. */
export function bashCompletion({ words, verbs }: Completed): string {
  const groups = words.filter(({ name }) => verbsOf(verbs, name).length > 0);
  const ofGroup = groups.map(
    ({ name }) =>
      `    ${quoted(name)}) echo ${quoted(
        verbsOf(verbs, name)
          .map(({ path }) => path[1])
          .join(' '),
      )} ;;`,
  );
  const ofVerb = verbs.map(
    (verb) => `    ${quoted(nameOf(verb))}) echo ${quoted(verb.options.flatMap(({ names }) => names).join(' '))} ;;`,
  );
  const ofArgument = verbs
    .filter(({ values }) => values.length > 0)
    .map((verb) => `    ${quoted(nameOf(verb))}) echo ${quoted(verb.values.join(' '))} ;;`);
  const ofOption = verbs.flatMap((verb) =>
    verb.options.flatMap(({ names, value }) => {
      if (value === undefined) return [];
      const cases = names.flatMap((name) => {
        const first = `${nameOf(verb)} ${name} 1`;
        return value.many ? [first, `${nameOf(verb)} ${name} more`] : [first];
      });
      const words_ = value.choices.length > 0 ? value.choices.join(' ') : '-';
      return [`    ${cases.map(quoted).join('|')}) echo ${quoted(words_)} ;;`];
    }),
  );
  return `# Completion of osmo for bash: source <(osmo completion bash)

# Commands behind a first word.
_osmo_commands() {
  case "$1" in
    '') echo ${quoted(words.map(({ name }) => name).join(' '))} ;;
${ofGroup.join('\n')}
  esac
}

# Options of a command.
_osmo_options() {
  case "$1" in
${ofVerb.join('\n')}
  esac
}

# What the first argument of a command may be.
_osmo_arguments() {
  case "$1" in
${ofArgument.join('\n')}
    *) ;;
  esac
}

# Values of an option of a command, the first or one more; - where any are allowed, nothing where none is taken.
_osmo_values() {
  case "$1" in
${ofOption.join('\n')}
  esac
}

_osmo() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' option='' behind=0 word values index
  # Bash cuts --name=value at the sign.
  [ "$current" = = ] && current=''
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "$word" in
      =) ;;
      -*) option=$word behind=0 ;;
      *)
        if [ -z "$command" ]; then
          command=$word
        elif [ "$command" = "\${command% *}" ] && [ -n "$(_osmo_commands "$command")" ]; then
          command="$command $word"
        else
          behind=$((behind + 1))
        fi
        ;;
    esac
  done
  COMPREPLY=()
  if [ -z "$command" ] || { [ "$command" = "\${command% *}" ] && [ -n "$(_osmo_commands "$command")" ]; }; then
    COMPREPLY=($(compgen -W "$(_osmo_commands "$command")" -- "$current"))
    return
  fi
  case "$current" in
    -*)
      COMPREPLY=($(compgen -W "$(_osmo_options "$command")" -- "$current"))
      return
      ;;
  esac
  if [ -n "$option" ]; then
    if [ "$behind" -eq 0 ]; then behind=1; else behind=more; fi
    values=$(_osmo_values "$command $option $behind")
    [ "$values" = - ] && return
  else
    [ "$behind" -eq 0 ] && values=$(_osmo_arguments "$command")
  fi
  [ -n "$values" ] && COMPREPLY=($(compgen -W "$values" -- "$current"))
}

# Where nothing is known, files.
complete -o bashdefault -o default -F _osmo osmo
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
