import { NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import type { AllowanceDraft, AllowanceSide } from './allowance.ts'
import { modeWords } from './allowance.ts'

const whose = {
  client: 'Of this application. Both are off unless they are said.',
  api: 'Of all its clients together. Both are off unless they are said.',
} as const

const choices = Object.entries(modeWords).map(([value, label]) => ({ value, label }))

/** *Re-use and budgets*: when a token is given again, and how many new ones there are. */
export const AllowanceFields = ({
  draft,
  side,
  onChange,
}: {
  readonly draft: AllowanceDraft
  readonly side: AllowanceSide
  readonly onChange: (draft: AllowanceDraft) => void
}) => {
  const text = (name: 'reusePercent' | 'perMinute' | 'perDay') => ({
    inputMode: 'numeric' as const,
    value: draft[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange({ ...draft, [name]: event.currentTarget.value }),
  })
  const isLimited = draft.perMinute.trim() !== '' || draft.perDay.trim() !== ''
  return (
    <details className="folded">
      <summary>Re-use and budgets of tokens</summary>
      <Stack gap="sm" mt="sm">
        <Text size="sm">{whose[side]}</Text>
        <TextInput
          label="Give the current token again (percent)"
          description="while so much of its life is left: 1 to 99"
          {...text('reusePercent')}
        />
        <TextInput label="New tokens a minute" {...text('perMinute')} />
        <TextInput label="New tokens a day" {...text('perDay')} />
        <NativeSelect
          label="When they are spent"
          disabled={!isLimited}
          value={draft.mode}
          data={choices}
          onChange={(event) =>
            onChange({ ...draft, mode: event.currentTarget.value as AllowanceDraft['mode'] })
          }
        />
      </Stack>
    </details>
  )
}
