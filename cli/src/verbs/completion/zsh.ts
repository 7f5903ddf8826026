import { type Completed, type CompletedOption, type CompletedVerb, verbsOf, type Word } from './model.ts';

/** The completion of zsh: a file `_osmo` in a folder of `fpath`, or `source <(osmo completion zsh)`. */
export function zshCompletion({ words, verbs }: Completed): string {
  const cases = words.map(({ name }) => {
    const own = verbsOf(verbs, name);
    if (own.length === 0)
      return verbs.filter(({ path }) => path[0] === name).map((verb) => verbCase(verb, '    ', 1))[0];
    const described = own.map(({ path, summary }) => ({ name: path[1] ?? '', summary }));
    return `    ${quoted(name)})
      if ((CURRENT == 3)); then
${describe(described, '        ')}
        return
      fi
      case "$words[3]" in
${own.map((verb) => verbCase(verb, '        ', 2)).join('\n')}
      esac
      ;;`;
  });
  return `#compdef osmo
# Completion of osmo for zsh: osmo completion zsh > "\${fpath[1]}/_osmo"

_osmo() {
  local -a commands
  if ((CURRENT == 2)); then
${describe(words, '    ')}
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
}

# Zsh runs this file as the function when it completes; otherwise it was sourced.
if [ "$funcstack[1]" = _osmo ]; then
  _osmo "$@"
else
  compdef _osmo osmo
fi
`;
}

function describe(words: readonly Word[], indent: string): string {
  const items = words.map(({ name, summary }) => `${indent}  ${quoted(`${name.replaceAll(':', '\\:')}:${summary}`)}`);
  return `${indent}commands=(\n${items.join('\n')}\n${indent})\n${indent}_describe -t commands command commands`;
}

function verbCase(verb: CompletedVerb, indent: string, depth: number): string {
  const { path, options, values, files } = verb;
  const rest = values.length > 0 ? [quoted(`1:value:(${values.join(' ')})`)] : [];
  const specs = [...options.map(optionSpec), ...rest, quoted(`*:${files ? 'file:_files' : 'argument: '}`)];
  return `${indent}${quoted(path.at(-1) ?? '')})
${indent}  shift ${depth} words
${indent}  ((CURRENT -= ${depth}))
${indent}  _arguments ${specs.join(` \\\n${indent}    `)}
${indent}  ;;`;
}

function optionSpec({ names, description, value }: CompletedOption): string {
  const about = `[${description.replaceAll(/[[\]\\]/g, '\\$&')}]`;
  const again = value?.many ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
  const action = value === undefined ? '' : actionOf(value);
  const spread = names.length > 1 ? `{${names.join(',')}}` : (names[0] ?? '');
  return `${again === '' ? '' : quoted(again)}${spread}${quoted(`${about}${action}`)}`;
}

function actionOf({ choices, files, many }: NonNullable<CompletedOption['value']>): string {
  const values = choices.length > 0 ? `(${choices.join(' ')})` : files ? '_files' : ' ';
  return `:${many ? '*-*:' : ''}value:${values}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
