import type { Command, Option } from 'commander'

/** A place on the line: the words of a command, and what can follow them. */
interface Place {
  readonly words: string
  readonly next: readonly string[]
  /** What each argument names: `app`, `api`, or a word that nobody can complete. */
  readonly kinds: readonly string[]
}

/** What an argument of this name names. */
const kindOf = (name: string): string => {
  if (name === 'app' || name === 'app-or-request') return 'app'
  return name === 'api' ? 'api' : '-'
}

const placesBelow = (command: Command, words: string): readonly Place[] => {
  const next = [
    ...command.commands.map((each) => each.name()),
    ...command.options.flatMap(({ long }) => long ?? []),
    ...(command.registeredArguments[0]?.argChoices ?? []),
  ]
  const kinds = command.registeredArguments.map((each) => kindOf(each.name()))
  const below = command.commands.flatMap((each) =>
    placesBelow(each, words === '' ? each.name() : `${words} ${each.name()}`),
  )
  return [{ words, next, kinds }, ...below]
}

const optionsOf = (command: Command): readonly Option[] => [
  ...command.options,
  ...command.commands.flatMap(optionsOf),
]

/** Options that a value follows, so that it is not taken for an argument. */
const valuedOptions = (program: Command): string => {
  const names = optionsOf(program)
    .filter(({ required }) => required)
    .flatMap(({ long, short }) => [long ?? '', short ?? ''])
  return [...new Set(names)].filter((name) => name !== '').join('|')
}

const tableOf = (rows: readonly (readonly [string, readonly string[]])[]): string =>
  rows
    .filter(([, words]) => words.length > 0)
    .map(([place, words]) => `    "${place}") printf '%s' "${words.join(' ')}" ;;`)
    .join('\n')

/**
 * A completion script for bash; zsh runs the same through its `bashcompinit`. Commands and options
 * it knows; names of applications and APIs it asks the server for that one is signed in to, when
 * somebody presses Tab, and goes without where it does not answer.
 */
export const completionScript = (program: Command, shell: 'bash' | 'zsh'): string => {
  const places = placesBelow(program, '')
  const deepest = Math.max(...places.map(({ words }) => words.split(' ').length))
  const zsh = shell === 'zsh' ? 'autoload -Uz bashcompinit && bashcompinit\n' : ''
  return `${zsh}_mintmark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local place="" known="" depth=1 argument=0 at=0 kind="" name=""
  COMPREPLY=()
  while [ "$depth" -lt "$COMP_CWORD" ] && [ "$depth" -le ${deepest} ]; do
    case "\${COMP_WORDS[depth]}" in -*) break ;; esac
    known="$(_mintmark_words "\${place:+$place }\${COMP_WORDS[depth]}")"
    [ -n "$known" ] || break
    place="\${place:+$place }\${COMP_WORDS[depth]}"
    depth=$((depth + 1))
  done
  case "$before" in
    --app) kind=app ;;
    --api) [ "$place" = "gateway config" ] || kind=api ;;
    --lang) COMPREPLY=($(compgen -W "node python java curl http postman" -- "$current")); return ;;
    -o|--output) COMPREPLY=($(compgen -W "table json yaml env name" -- "$current")); return ;;
    ${valuedOptions(program)}) return ;;
  esac
  if [ -z "$kind" ]; then
    at=$depth
    while [ "$at" -lt "$COMP_CWORD" ]; do
      case "\${COMP_WORDS[at]}" in
        ${valuedOptions(program)}) at=$((at + 1)) ;;
        -*) ;;
        *) argument=$((argument + 1)) ;;
      esac
      at=$((at + 1))
    done
    kind="$(_mintmark_kinds "$place" | cut -d ' ' -f $((argument + 1)))"
    COMPREPLY=($(compgen -W "$(_mintmark_words "$place")" -- "$current"))
  fi
  case "$current" in -*) return ;; esac
  case "$kind" in app|api) ;; *) return ;; esac
  COMPREPLY=()
  while IFS= read -r name; do
    case "$name" in "$current"*) COMPREPLY+=("$(printf '%q' "$name")") ;; esac
  done < <(command mintmark "$kind" list -o name 2>/dev/null </dev/null)
}
_mintmark_words() {
  case "$1" in
${tableOf(places.map(({ words, next }) => [words, next]))}
  esac
}
_mintmark_kinds() {
  case "$1" in
${tableOf(
  places
    .filter(({ kinds }) => kinds.some((kind) => kind !== '-'))
    .map(({ words, kinds }) => [words, kinds]),
)}
  esac
}
complete -o default -F _mintmark mintmark
`
}
