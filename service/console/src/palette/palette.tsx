import { Button, Kbd, Loader, Modal, Text, TextInput, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArrowLeft, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type Ref, useEffect, useId, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import type { AppRecord } from '../server/records.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'
import type { Command } from './command.ts'
import { beginnings, matching, objectCommands, pageCommands } from './commands.ts'

const foundMax = 8
const waitMs = 150

const findObjects = async (words: string): Promise<readonly AppRecord[]> => {
  const match = ['displayName', 'name', 'audience']
    .map((attribute) => `${attribute} co ${quoted(words)}`)
    .join(' or ')
  return itemsOf(
    await list<AppRecord>('Apps', {
      filter: `(${match}) and (isOAuthClient eq true or isOAuthResource eq true)`,
      count: foundMax,
      attributes: 'displayName,name,active,audience,clientType,isOAuthClient,isOAuthResource',
    }),
  )
}

const useFound = (text: string) => {
  const [words] = useDebouncedValue(text.trim(), waitMs)
  const found = useQuery({
    queryKey: ['apps', 'palette', words],
    queryFn: () => findObjects(words),
    enabled: words.length > 1,
  })
  // what was found for other words is not what is asked for now
  const isCurrent = words === text.trim() && words.length > 1
  return { apps: isCurrent ? (found.data ?? []) : [], fault: found.error, busy: found.isFetching }
}

const Row = ({
  command,
  id,
  chosen,
  onPoint,
  onDo,
  onMore,
}: {
  readonly command: Command
  readonly id: string
  readonly chosen: boolean
  readonly onPoint: () => void
  readonly onDo: () => void
  readonly onMore: () => void
}) => {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys, as of a combobox
    // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant of the field
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={chosen}
      className="palette-row"
      onMouseMove={onPoint}
      onClick={onDo}
    >
      <span className="breakable">{command.label}</span>
      <Text span size="xs" c="dimmed">
        {command.kind}
      </Text>
      {command.more === undefined ? null : (
        // biome-ignore lint/a11y/noStaticElementInteractions: the field takes → for the same
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes → for the same
        <span
          className="palette-more"
          onClick={(event) => {
            event.stopPropagation()
            onMore()
          }}
        >
          <Kbd size="xs">→</Kbd> actions
        </span>
      )}
      {command.keys === undefined ? null : (
        <span>
          {command.keys.split(' ').map((key) => (
            <Kbd key={key} size="xs">
              {key}
            </Kbd>
          ))}
        </span>
      )}
    </div>
  )
}

/** The object whose actions are listed, and the way back. */
const ObjectChip = ({ of, onLeave }: { readonly of: Command; readonly onLeave: () => void }) => (
  <Button
    size="compact-sm"
    variant="light"
    mb="xs"
    leftSection={<IconArrowLeft size={14} />}
    onClick={onLeave}
  >
    {of.kind} {of.label}
  </Button>
)

const PaletteField = ({
  ref,
  asked,
  busy,
  text,
  listId,
  chosen,
  onText,
  onKeyDown,
}: {
  readonly ref: Ref<HTMLInputElement>
  readonly asked: string
  readonly busy: boolean
  readonly text: string
  readonly listId: string
  /** The row that Enter does; -1: none. */
  readonly chosen: number
  readonly onText: (typed: string) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}) => (
  <TextInput
    ref={ref}
    data-autofocus
    aria-label={asked}
    placeholder={asked}
    leftSection={<IconSearch size={18} />}
    rightSection={busy ? <Loader size="xs" role="status" aria-label="Loading" /> : null}
    role="combobox"
    aria-expanded
    aria-controls={listId}
    aria-autocomplete="list"
    aria-activedescendant={chosen < 0 ? undefined : `${listId}-${chosen}`}
    autoComplete="off"
    spellCheck={false}
    value={text}
    onChange={(event) => onText(event.currentTarget.value)}
    onKeyDown={onKeyDown}
    mb="sm"
  />
)

/** One field for everything: objects of the domain, pages, actions. */
export const Palette = ({
  here,
  text,
  onText,
  onClose,
}: {
  /** What the frame itself can do. */
  readonly here: readonly Command[]
  /** What is looked for; the frame keeps it, since letters come before the palette is there. */
  readonly text: string
  readonly onText: (text: string) => void
  readonly onClose: () => void
}) => {
  const [at, setAt] = useState(0)
  const [of, setOf] = useState<Command | null>(null)
  const [, navigate] = useLocation()
  const listId = useId()
  const field = useRef<HTMLInputElement>(null)
  const { apps, fault, busy } = useFound(of === null ? text : '')
  const still = matching([...beginnings, ...pageCommands, ...here], text)
  const commands = of === null ? [...objectCommands(apps), ...still] : matching(of.more ?? [], text)
  const chosen = Math.min(at, commands.length - 1)
  const perform = ({ act }: Command): void => {
    onClose()
    if ('href' in act) navigate(act.href)
    else act.run()
  }
  const turnTo = (object: Command | null): void => {
    setOf(object)
    onText('')
    setAt(0)
    field.current?.focus()
  }
  const isAtEnd = (): boolean => (field.current?.selectionStart ?? 0) === text.length
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const command = commands[chosen]
    if (step !== undefined && commands.length > 0) {
      setAt((chosen + step + commands.length) % commands.length)
    } else if (event.key === 'ArrowRight' && command?.more !== undefined && isAtEnd()) {
      turnTo(command)
    } else if (event.key === 'Backspace' && of !== null && text === '') turnTo(null)
    else if (event.key === 'Enter' && command !== undefined) perform(command)
    else return
    event.preventDefault()
  }
  return (
    <Modal opened onClose={onClose} title="Find or do" size="lg" yOffset="10vh">
      {of === null ? null : <ObjectChip of={of} onLeave={() => turnTo(null)} />}
      <PaletteField
        ref={field}
        asked={of === null ? 'Application, API, page or action' : `What to do with ${of.label}`}
        busy={busy}
        text={text}
        listId={listId}
        chosen={chosen}
        onText={(typed) => {
          onText(typed)
          setAt(0)
        }}
        onKeyDown={press}
      />
      {fault === null ? null : <FaultNotice fault={fault} />}
      <div id={listId} role="listbox" aria-label="Found" className="palette-list">
        {commands.map((command, index) => (
          <Row
            key={command.id}
            id={`${listId}-${index}`}
            command={command}
            chosen={index === chosen}
            onPoint={() => setAt(index)}
            onDo={() => perform(command)}
            onMore={() => turnTo(command)}
          />
        ))}
      </div>
      {commands.length === 0 && !busy ? <Text size="sm">Nothing is found.</Text> : null}
      <VisuallyHidden role="status">
        {text === '' && of === null ? '' : `${commands.length} found`}
      </VisuallyHidden>
    </Modal>
  )
}
