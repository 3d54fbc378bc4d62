import { Button, Chip, Group, NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { useFilters } from '../parts/use-filters.ts'
import type { LiveWish, Sifted } from './live-request.ts'

/** What to look at, each choice with how many it would show. */
export const LiveFilters = ({
  wish,
  sifted,
}: {
  readonly wish: LiveWish
  readonly sifted: Sifted
}) => {
  const [, change] = useFilters()
  const { all, denied, reasons } = sifted
  return (
    <search>
      <div className="toolbar">
        <SegmentedControl
          aria-label="Result"
          value={wish.show}
          onChange={(show) => change({ show: show === 'all' ? '' : show })}
          data={[
            { value: 'all', label: `All ${all}` },
            { value: 'allowed', label: `Allowed ${all - denied}` },
            { value: 'denied', label: `Denied ${denied}` },
          ]}
        />
        <NativeSelect
          aria-label="Endpoint"
          value={wish.endpoint}
          onChange={(event) => change({ endpoint: event.currentTarget.value })}
          data={[
            { value: '', label: 'Every endpoint' },
            { value: 'token', label: 'token' },
            { value: 'introspect', label: 'introspect' },
            { value: 'revoke', label: 'revoke' },
          ]}
        />
        <TextInput
          className="search"
          aria-label="Search"
          placeholder="Application, API, scope, address, request id"
          data-search
          value={wish.text}
          onChange={(event) => change({ q: event.currentTarget.value })}
        />
      </div>
      {reasons.length === 0 ? null : (
        <Chip.Group
          multiple
          value={[...wish.reasons]}
          onChange={(chosen) => change({ reason: chosen.join(',') })}
        >
          <Group gap="xs" mb="md" role="group" aria-label="Reasons">
            {reasons.map(([reason, count]) => (
              <Chip key={reason} value={reason} size="xs" variant="light">
                {reason} {count}
              </Chip>
            ))}
            {wish.reasons.length === 0 ? null : (
              <Button size="compact-xs" variant="subtle" onClick={() => change({ reason: '' })}>
                Every reason
              </Button>
            )}
          </Group>
        </Chip.Group>
      )}
    </search>
  )
}
