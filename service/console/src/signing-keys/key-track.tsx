import { Moment } from '../parts/moment.tsx'
import type { KeyState, SigningKey } from './signing-keys.ts'

const stages: readonly { readonly state: KeyState | 'removed'; readonly label: string }[] = [
  { state: 'announced', label: 'Announced' },
  { state: 'published', label: 'In the key set' },
  { state: 'active', label: 'Signs' },
  { state: 'retired', label: 'Verifies only' },
  { state: 'removed', label: 'Removed' },
]

/** The life of a key from left to right, where it is now, and when it goes on. */
export const KeyTrack = ({ signingKey }: { readonly signingKey: SigningKey }) => {
  const { kid, state, since, next } = signingKey
  const at = stages.findIndex((stage) => stage.state === state)
  const stands = (index: number) => (index < at ? 'past' : index === at ? 'now' : 'ahead')
  return (
    <ol className="track" aria-label={`Life of ${kid}`}>
      {stages.map(({ state: stage, label }, index) => (
        <li
          key={stage}
          data-stands={stands(index)}
          {...(index === at && { 'aria-current': 'step' as const })}
        >
          <span>{label}</span>
          {index === at ? (
            <small>
              since <Moment at={since} />
            </small>
          ) : null}
          {index === at + 1 ? (
            <small>
              {next.step === 'replace' ? 'successor made ' : ''}
              <Moment at={next.at} />
            </small>
          ) : null}
        </li>
      ))}
    </ol>
  )
}
