import { Anchor, Breadcrumbs, Group, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { Link } from 'wouter'

export interface Crumb {
  readonly label: string
  readonly href: string
}

export const domainCrumbs: readonly Crumb[] = [
  { label: 'Identity & Security', href: '/identity' },
  { label: 'Domains', href: '/domains' },
  { label: 'Default domain', href: '/' },
]

/** Where one is, what it is called, what can be done. */
export const PageHead = ({
  crumbs,
  title,
  beside,
  lead,
  children,
}: {
  readonly crumbs?: readonly Crumb[]
  readonly title: string
  readonly beside?: ReactNode
  readonly lead?: string
  /** Buttons. */
  readonly children?: ReactNode
}) => {
  useEffect(() => {
    document.title = `${title} · Mintmark`
  }, [title])
  return (
    <header className="page-head">
      {crumbs === undefined ? null : (
        <nav aria-label="Breadcrumb">
          <Breadcrumbs separatorMargin={6} className="crumbs">
            {crumbs.map(({ label, href }) => (
              <Anchor key={href} component={Link} href={href} size="sm">
                {label}
              </Anchor>
            ))}
            <Text size="sm" aria-current="page">
              {title}
            </Text>
          </Breadcrumbs>
        </nav>
      )}
      <Group justify="space-between" align="center" mt="xs">
        <Group gap="sm">
          <Title order={1} size="h2" className="breakable">
            {title}
          </Title>
          {beside}
        </Group>
        <Group gap="xs">{children}</Group>
      </Group>
      {lead === undefined ? null : (
        <Text c="dimmed" mt={4} maw={720}>
          {lead}
        </Text>
      )}
    </header>
  )
}
