import type { Command } from 'commander'

/** The words that can follow each command, by those before: `app secret` → `list create rotate`. */
const wordsByPlace = (command: Command, before: string): readonly (readonly [string, string])[] => {
  const words = [
    ...command.commands.map((each) => each.name()),
    ...command.options.flatMap(({ long }) => long ?? []),
  ]
  const below = command.commands.flatMap((each) =>
    wordsByPlace(each, before === '' ? each.name() : `${before} ${each.name()}`),
  )
  return [[before, words.join(' ')], ...below]
}

/**
 * A completion script for bash; zsh runs the same through its `bashcompinit`. It asks nobody: it
 * knows the commands and their options.
 */
export const completionScript = (program: Command, shell: 'bash' | 'zsh'): string => {
  const places = wordsByPlace(program, '')
  const cases = places.map(([place, words]) => `    "${place}") words="${words}" ;;`)
  const deepest = Math.max(...places.map(([place]) => place.split(' ').length))
  const zsh = shell === 'zsh' ? 'autoload -Uz bashcompinit && bashcompinit\n' : ''
  return `${zsh}_mintmark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" place="" words="" known="" depth=1
  while [ "$depth" -lt "$COMP_CWORD" ] && [ "$depth" -le ${deepest} ]; do
    case "\${COMP_WORDS[depth]}" in -*) break ;; esac
    known="$(_mintmark_words "\${place:+$place }\${COMP_WORDS[depth]}")"
    [ -n "$known" ] || break
    place="\${place:+$place }\${COMP_WORDS[depth]}"
    depth=$((depth + 1))
  done
  words="$(_mintmark_words "$place")"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
_mintmark_words() {
  local words=""
  case "$1" in
${cases.join('\n')}
  esac
  printf '%s' "$words"
}
complete -o default -F _mintmark mintmark
`
}
