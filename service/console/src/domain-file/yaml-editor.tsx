import { Text } from '@mantine/core'
import { useId, useRef } from 'react'

/** Text with numbered lines; the wrong ones are marked. Tab leaves it, as everywhere. */
export const YamlEditor = ({
  label,
  value,
  wrong,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly wrong: ReadonlySet<number>
  readonly onChange: (text: string) => void
}) => {
  const id = useId()
  const numbers = useRef<HTMLPreElement>(null)
  const count = value.split('\n').length
  const follow = (top: number): void => {
    if (numbers.current !== null) numbers.current.scrollTop = top
  }
  return (
    <>
      <Text component="label" size="sm" fw={500} htmlFor={id}>
        {label}
      </Text>
      <div className="editor">
        <pre ref={numbers} aria-hidden>
          {Array.from({ length: count }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={index} data-wrong={wrong.has(index + 1) || undefined}>
              {index + 1}
            </span>
          ))}
        </pre>
        <textarea
          id={id}
          rows={18}
          wrap="off"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={wrong.size > 0}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          onScroll={(event) => follow(event.currentTarget.scrollTop)}
        />
      </div>
    </>
  )
}
