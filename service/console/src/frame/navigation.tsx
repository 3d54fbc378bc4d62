import { NavLink, Text } from '@mantine/core'
import { Link, useLocation } from 'wouter'
import { groups } from './places.ts'

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
