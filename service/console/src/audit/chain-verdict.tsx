import { Badge, Loader } from '@mantine/core'
import { IconLink, IconLinkOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { send } from '../server/request.ts'

interface ChainVerdict {
  readonly ok: boolean
  readonly from: string
  readonly verifiedTo: string
  readonly events: number
  readonly broken: { readonly sequence: number; readonly what: string } | null
}

const verify = async (): Promise<ChainVerdict> =>
  (await send<ChainVerdict>('GET', '/api/v1/audit/verify')).body

/** Whether the hashes of the last day's events hold, and up to when. */
export const ChainVerdictBadge = () => {
  const verdict = useQuery({ queryKey: ['audit', 'verify'], queryFn: verify })
  if (verdict.isPending) return <Loader size="xs" role="status" aria-label="Loading" />
  if (verdict.isError) {
    return <FaultNotice fault={verdict.error} retry={() => verdict.refetch()} />
  }
  const { ok, events, verifiedTo, from, broken } = verdict.data
  const span = `${new Date(from).toLocaleString()} – ${new Date(verifiedTo).toLocaleString()}`
  return ok ? (
    <Badge
      color="teal"
      variant="light"
      leftSection={<IconLink size={14} />}
      title={`${events} events of ${span}`}
    >
      Chain verified to {new Date(verifiedTo).toLocaleTimeString()}
    </Badge>
  ) : (
    <Badge color="red" variant="light" leftSection={<IconLinkOff size={14} />} title={span}>
      Chain broken at pack {broken?.sequence}: {broken?.what}
    </Badge>
  )
}
