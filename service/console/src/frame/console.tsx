import { createTheme, Drawer, MantineProvider, Modal } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { Router } from 'wouter'
import { ServerFault } from '../server/server-fault.ts'
import { leaveByPermission } from './leave-guard.ts'
import { SessionGate } from './session-gate.tsx'

const dialogDefaults = {
  // Locking the scroll of the page behind would take a style element, which the policy refuses.
  lockScroll: false,
  closeButtonProps: { 'aria-label': 'Close' },
}

const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 9, dark: 8 },
  defaultRadius: 'md',
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({ defaultProps: dialogDefaults }),
    Drawer: Drawer.extend({
      defaultProps: { ...dialogDefaults, position: 'right', padding: 'lg' },
    }),
  },
})

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      // what was refused is refused again; what did not answer may
      retry: (count, error) => count < 2 && !(error instanceof ServerFault && error.status > 0),
    },
  },
})

/** Everything around the pages. Style elements are left out: all styles are files. */
export const Console = () => (
  <MantineProvider
    theme={theme}
    defaultColorScheme="auto"
    withCssVariables={false}
    withGlobalClasses={false}
  >
    <QueryClientProvider client={queries}>
      <Router base="/console" aroundNav={leaveByPermission}>
        <SessionGate />
      </Router>
    </QueryClientProvider>
  </MantineProvider>
)
