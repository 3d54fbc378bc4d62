import { NavLink, Text } from '@mantine/core'
import {
  type Icon,
  IconActivity,
  IconApps,
  IconCertificate,
  IconCloud,
  IconFileImport,
  IconHeartbeat,
  IconHelpHexagon,
  IconHistory,
  IconHome,
  IconKey,
  IconPlayerPlay,
  IconSettings,
  IconShieldLock,
  IconSitemap,
  IconUsersGroup,
  IconWorld,
  IconZoomCode,
} from '@tabler/icons-react'
import { Link, useLocation } from 'wouter'

interface Place {
  readonly href: string
  readonly label: string
  readonly icon: Icon
}

const groups: readonly { readonly label: string; readonly places: readonly Place[] }[] = [
  {
    label: 'Domain',
    places: [
      { href: '/identity', label: 'Identity & Security', icon: IconShieldLock },
      { href: '/domains', label: 'Domains', icon: IconWorld },
    ],
  },
  {
    label: 'Use',
    places: [
      { href: '/', label: 'Overview', icon: IconHome },
      { href: '/applications', label: 'Integrated applications', icon: IconApps },
      { href: '/cloud-services', label: 'Oracle cloud services', icon: IconCloud },
      { href: '/access-map', label: 'Access map', icon: IconSitemap },
    ],
  },
  {
    label: 'Test',
    places: [
      { href: '/playground', label: 'Playground', icon: IconPlayerPlay },
      { href: '/inspector', label: 'Token inspector', icon: IconZoomCode },
      { href: '/live-requests', label: 'Live requests', icon: IconActivity },
      { href: '/explain', label: 'Explain', icon: IconHelpHexagon },
    ],
  },
  {
    label: 'Operate',
    places: [
      { href: '/audit', label: 'Audit log', icon: IconHistory },
      { href: '/keys', label: 'Signing keys', icon: IconKey },
      { href: '/certificates', label: 'Certificates', icon: IconCertificate },
      { href: '/domain-file', label: 'Import & export', icon: IconFileImport },
      { href: '/administrators', label: 'Administrators', icon: IconUsersGroup },
      { href: '/settings', label: 'Settings', icon: IconSettings },
      { href: '/health', label: 'System health', icon: IconHeartbeat },
    ],
  },
]

const isAt = (location: string, href: string): boolean =>
  href === '/' ? location === '/' : location === href || location.startsWith(`${href}/`)

export const Navigation = () => {
  const [location] = useLocation()
  return (
    <nav className="menu-bar" aria-label="Menu bar">
      {groups.map(({ label, places }) => (
        <section key={label} aria-label={label}>
          <Text size="xs" fw={700} tt="uppercase" c="dimmed" px="sm" mt="sm" mb={4}>
            {label}
          </Text>
          {places.map(({ href, label: name, icon: PlaceIcon }) => (
            <NavLink
              key={href}
              component={Link}
              href={href}
              label={name}
              active={isAt(location, href)}
              aria-current={isAt(location, href) ? 'page' : undefined}
              leftSection={<PlaceIcon size={18} stroke={1.6} />}
            />
          ))}
        </section>
      ))}
    </nav>
  )
}
