import { Badge, Button, List, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClock,
  IconHistory,
  IconRefresh,
} from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useSession } from '../frame/session-context.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { ConfirmByName } from '../parts/confirm-by-name.tsx'
import { CopyValue } from '../parts/copy-value.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { lengthOfTime } from '../parts/relative-time.ts'
import { useFilters } from '../parts/use-filters.ts'
import { KeyTrack } from './key-track.tsx'
import { MasterKey } from './master-key.tsx'
import { RotateDialog } from './rotate-dialog.tsx'
import {
  inOrder,
  readKeySet,
  readKeys,
  type SigningKey,
  type SigningKeys,
  withdraw,
} from './signing-keys.ts'

const badges = {
  active: { label: 'Current', color: 'teal', icon: IconCircleCheck },
  published: { label: 'Next', color: 'blue', icon: IconClock },
  announced: { label: 'Announced', color: 'blue', icon: IconClock },
  retired: { label: 'Retired', color: 'gray', icon: IconHistory },
} as const

const StateOfKey = ({ state }: Pick<SigningKey, 'state'>) => {
  const { label, color, icon: StateIcon } = badges[state]
  return (
    <Badge color={color} variant="light" leftSection={<StateIcon size={14} />}>
      {label}
    </Badge>
  )
}

const WithdrawDialog = ({
  signingKey: { kid, state, algorithm },
  onClose,
}: {
  readonly signingKey: SigningKey
  readonly onClose: () => void
}) => {
  const queries = useQueryClient()
  const act = async (): Promise<void> => {
    await withdraw(kid)
    await queries.invalidateQueries({ queryKey: ['signing keys'] })
    onClose()
  }
  return (
    <ConfirmByName title="Withdraw key" name={kid} act={act} onClose={onClose}>
      <Text size="sm">
        For a key that somebody else may know. Rotating is enough for anything less.
      </Text>
      <List size="sm" my="sm">
        <List.Item>It leaves the key set now. It does not come back.</List.Item>
        <List.Item>
          Every token that it signed ends: introspection says inactive at once, guards that follow
          revocations refuse them within a second, all others when they fetch the key set again.
        </List.Item>
        {state === 'active' ? (
          <List.Item>
            A new {algorithm} key signs from this moment. APIs that hold the old key set refuse its
            tokens until they fetch it again.
          </List.Item>
        ) : null}
      </List>
    </ConfirmByName>
  )
}

const KeyPanel = ({ signingKey }: { readonly signingKey: SigningKey }) => {
  const [withdrawing, dialog] = useDisclosure(false)
  const { kid, state, created } = signingKey
  return (
    <section className="key" aria-label={kid}>
      <header>
        <CopyValue label={`key id ${kid}`} value={kid} />
        <StateOfKey state={state} />
        <Text size="sm" c="dimmed" component="span">
          made <Moment at={created} />
        </Text>
        <Button
          ml="auto"
          size="compact-sm"
          variant="subtle"
          color="red"
          leftSection={<IconAlertTriangle size={14} />}
          onClick={dialog.open}
          aria-label={`Withdraw ${kid}`}
        >
          Withdraw
        </Button>
      </header>
      <KeyTrack signingKey={signingKey} />
      {withdrawing ? <WithdrawDialog signingKey={signingKey} onClose={dialog.close} /> : null}
    </section>
  )
}

const uses = {
  ES256: 'What applications get unless they ask for the other.',
  RS256: 'For APIs that know RSA only.',
} as const

const Algorithms = ({ keys, policy }: SigningKeys) => (
  <>
    {(['ES256', 'RS256'] as const).map((algorithm) => (
      <section className="card" key={algorithm} aria-label={algorithm}>
        <Title order={2} size="h4">
          {algorithm}
        </Title>
        <Text size="sm" c="dimmed" mb="md">
          {uses[algorithm]} A successor is made after {lengthOfTime(policy.rotateAfterSeconds)}.
        </Text>
        {inOrder(keys.filter((key) => key.algorithm === algorithm)).map((key) => (
          <KeyPanel key={key.kid} signingKey={key} />
        ))}
      </section>
    ))}
  </>
)

const KeySet = () => {
  const { domain } = useSession().session
  const keySet = useQuery({ queryKey: ['signing keys', 'set'], queryFn: readKeySet })
  return (
    <section aria-label="Key set">
      <Title order={2} size="h4" mb="xs">
        Key set
      </Title>
      <Text size="sm" c="dimmed">
        What everybody may know, and APIs verify tokens with.
      </Text>
      <CopyValue label="address of the key set" value={`${domain.url}/.well-known/jwks.json`} />
      {keySet.isPending ? <Loading height={160} /> : null}
      {keySet.isError ? (
        <FaultNotice fault={keySet.error} retry={() => keySet.refetch()} />
      ) : keySet.data === undefined ? null : (
        <CodeBlock label="JWKS" text={JSON.stringify(keySet.data, null, 2)} />
      )}
    </section>
  )
}

/** What signs tokens, what will, what did. */
export const SigningKeysPage = () => {
  const [filters, change] = useFilters()
  const rotating = filters.get('do') === 'rotate'
  const keys = useQuery({ queryKey: ['signing keys', 'list'], queryFn: readKeys })
  return (
    <>
      <PageHead
        title="Signing keys"
        lead="The keys that tokens are signed with. They follow each other by themselves."
      >
        <Button
          leftSection={<IconRefresh size={16} />}
          disabled={keys.data === undefined}
          onClick={() => change({ do: 'rotate' })}
        >
          Rotate…
        </Button>
      </PageHead>
      {keys.isPending ? <Loading height={240} /> : null}
      {keys.isError ? <FaultNotice fault={keys.error} retry={() => keys.refetch()} /> : null}
      {keys.data === undefined ? null : (
        <>
          <Algorithms {...keys.data} />
          {rotating ? (
            <RotateDialog policy={keys.data.policy} onClose={() => change({ do: '' })} />
          ) : null}
        </>
      )}
      <MasterKey />
      <CodeBlock
        label="Command line"
        text={'mintmark key list\nmintmark key rotate\nmintmark key doctor'}
      />
      <KeySet />
    </>
  )
}
