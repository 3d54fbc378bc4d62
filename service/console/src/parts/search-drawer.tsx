import { Button, Drawer, Group, Loader, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { FaultNotice } from './fault-notice.tsx'

const waitMs = 150

interface SearchProps<Item> {
  readonly placeholder?: string
  /** Under which the answers are kept, beside the words. */
  readonly name: readonly string[]
  readonly find: (words: string) => Promise<readonly Item[]>
  /** Said where nothing is found. */
  readonly nothing: (words: string) => ReactNode
  readonly children: (found: readonly Item[]) => ReactNode
}

const SearchField = <Item,>({ placeholder, name, find, nothing, children }: SearchProps<Item>) => {
  const [text, setText] = useState('')
  const [words] = useDebouncedValue(text.trim(), waitMs)
  const found = useQuery({ queryKey: [...name, words], queryFn: () => find(words) })
  return (
    <>
      <TextInput
        label="Search"
        {...(placeholder === undefined ? {} : { placeholder })}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
        mb="md"
      />
      {found.isPending ? <Loader size="sm" role="status" aria-label="Loading" /> : null}
      {found.isError ? <FaultNotice fault={found.error} retry={() => found.refetch()} /> : null}
      {found.data?.length === 0 ? nothing(words) : null}
      {children(found.data ?? [])}
    </>
  )
}

/** Finds things, has some of them chosen, then does something with these. */
export const SearchDrawer = <Item,>({
  opened,
  title,
  act,
  onClose,
  below,
  ...search
}: SearchProps<Item> & {
  readonly opened: boolean
  readonly title: string
  /** The button that ends it; null: nothing is chosen. */
  readonly act: {
    readonly label: string
    readonly busy?: boolean
    readonly go: (() => void) | null
  }
  readonly onClose: () => void
  /** What was chosen, or went wrong. */
  readonly below?: ReactNode
}) => (
  <Drawer opened={opened} onClose={onClose} title={title} size="lg">
    <SearchField {...search} />
    {below}
    <Group justify="flex-end" className="drawer-actions">
      <Button variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button disabled={act.go === null} loading={act.busy === true} onClick={() => act.go?.()}>
        {act.label}
      </Button>
    </Group>
  </Drawer>
)
