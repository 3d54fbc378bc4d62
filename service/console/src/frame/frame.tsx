import { ActionIcon, Button, Group, Kbd, Menu, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHelp, IconKey, IconLogout, IconMenu2, IconSearch, IconUser } from '@tabler/icons-react'
import { useEffect } from 'react'
import { Link, useLocation } from 'wouter'
import { usePalette } from '../palette/use-palette.tsx'
import { CopyValue } from '../parts/copy-value.tsx'
import { ColorSchemeSwitch } from './color-scheme-switch.tsx'
import mark from './mark.svg'
import { Navigation } from './navigation.tsx'
import { Pages } from './pages.tsx'
import { useSession } from './session-context.ts'

const AdministratorMenu = () => {
  const { session, leave } = useSession()
  const { administrator, roles, expiresAt, endsAt } = session
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <Button className="who" variant="subtle" color="gray" leftSection={<IconUser size={18} />}>
          {administrator.displayName}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {roles.length === 0 ? 'No administrator role' : roles.join(', ')}
          <br />
          Signed in until {new Date(expiresAt).toLocaleTimeString()}, at most until{' '}
          {new Date(endsAt).toLocaleTimeString()}
        </Menu.Label>
        <Menu.Item leftSection={<IconKey size={16} />} component={Link} href="/your-sign-in">
          Your sign-in
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Header, menu bar, page. */
export const Frame = () => {
  const { session } = useSession()
  const [location] = useLocation()
  const [menuOpened, menu] = useDisclosure(false)
  const palette = usePalette()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chosen page closes the menu
  useEffect(() => {
    menu.close()
    window.scrollTo(0, 0)
  }, [location])
  return (
    <div className="frame" data-menu={menuOpened ? 'open' : 'closed'}>
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <header className="top">
        <Group gap="xs" wrap="nowrap">
          <ActionIcon
            className="menu-button"
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Menu"
            aria-expanded={menuOpened}
            onClick={menu.toggle}
          >
            <IconMenu2 />
          </ActionIcon>
          <Link href="/" className="brand">
            <img src={mark} alt="" width={28} height={28} />
            <Text fw={700}>Mintmark</Text>
          </Link>
          <Text className="issuer" size="sm" component="div">
            <CopyValue label="Issuer" value={session.domain.issuer} />
          </Text>
        </Group>
        <Group gap={4} wrap="nowrap">
          <Button
            className="find"
            variant="default"
            leftSection={<IconSearch size={16} />}
            rightSection={<Kbd size="xs">Ctrl K</Kbd>}
            onClick={() => palette.open('palette')}
          >
            Find or do
          </Button>
          <ActionIcon
            className="help"
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Keys"
            onClick={() => palette.open('help')}
          >
            <IconHelp size={20} />
          </ActionIcon>
          <ColorSchemeSwitch />
          <AdministratorMenu />
        </Group>
      </header>
      <Navigation />
      <main id="page" className="page" tabIndex={-1}>
        <Pages />
      </main>
      {palette.shown}
    </div>
  )
}
