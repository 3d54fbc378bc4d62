import { ActionIcon, useMantineColorScheme } from '@mantine/core'
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'

const schemes = ['auto', 'light', 'dark'] as const
const icons = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon }
const words = { auto: 'as the system', light: 'light', dark: 'dark' }

export const ColorSchemeSwitch = () => {
  // Mantine would stop transitions by a style element, which the policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const next = schemes[(schemes.indexOf(colorScheme) + 1) % schemes.length] ?? 'auto'
  const Icon = icons[colorScheme]
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Colours: ${words[colorScheme]}. Change to ${words[next]}`}
      onClick={() => setColorScheme(next)}
    >
      <Icon size={20} />
    </ActionIcon>
  )
}
