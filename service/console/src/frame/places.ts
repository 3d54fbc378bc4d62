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

/** A page of the menu. */
export interface Place {
  readonly href: string
  readonly label: string
  readonly icon: Icon
  /** Pressed after g, it leads there. */
  readonly letter?: string
}

/** The menu, in its order. */
export const groups: readonly { readonly label: string; readonly places: readonly Place[] }[] = [
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
      { href: '/', label: 'Overview', icon: IconHome, letter: 'o' },
      { href: '/applications', label: 'Integrated applications', icon: IconApps, letter: 'a' },
      { href: '/cloud-services', label: 'Oracle cloud services', icon: IconCloud, letter: 's' },
      { href: '/access-map', label: 'Access map', icon: IconSitemap, letter: 'm' },
    ],
  },
  {
    label: 'Test',
    places: [
      { href: '/playground', label: 'Playground', icon: IconPlayerPlay, letter: 'p' },
      { href: '/inspector', label: 'Token inspector', icon: IconZoomCode, letter: 't' },
      { href: '/live-requests', label: 'Live requests', icon: IconActivity, letter: 'l' },
      { href: '/explain', label: 'Explain', icon: IconHelpHexagon, letter: 'e' },
    ],
  },
  {
    label: 'Operate',
    places: [
      { href: '/audit', label: 'Audit log', icon: IconHistory, letter: 'h' },
      { href: '/keys', label: 'Signing keys', icon: IconKey, letter: 'k' },
      { href: '/certificates', label: 'Certificates', icon: IconCertificate },
      { href: '/domain-file', label: 'Import & export', icon: IconFileImport, letter: 'i' },
      { href: '/administrators', label: 'Administrators', icon: IconUsersGroup },
      { href: '/settings', label: 'Settings', icon: IconSettings, letter: 'c' },
      { href: '/health', label: 'System health', icon: IconHeartbeat },
    ],
  },
]
