import { Text } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'

export interface ToldStep {
  readonly step: string
  readonly ok: boolean
  readonly what: string
  readonly detail: string
}

/** How a decision was come to: what was looked at, in order, and how it stood. */
export const StepList = ({ steps }: { readonly steps: readonly ToldStep[] }) => (
  <ol className="steps">
    {steps.map(({ step, ok, what, detail }) => (
      <li key={step}>
        {ok ? (
          <IconCircleCheck className="good" aria-label="Passed" />
        ) : (
          <IconCircleX className="bad" aria-label="Failed" />
        )}
        <div>
          <Text size="sm" fw={600} className="breakable">
            {what}
          </Text>
          <Text size="sm" c="dimmed" className="breakable">
            {detail}
          </Text>
        </div>
      </li>
    ))}
  </ol>
)
