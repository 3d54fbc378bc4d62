/** A real browser from the registry, for tests of pages; left out by name where it cannot start. */
import type { Browser, BrowserContext, Page } from 'playwright-core'

export interface Watched {
  readonly context: BrowserContext
  readonly page: Page
  /** What the policy of the pages had to stop, and what failed on them. */
  readonly faults: readonly string[]
  /** Addresses of other origins that were asked. */
  readonly foreign: readonly string[]
}

const launch = async (): Promise<Browser> => {
  const [{ default: chromium }, { chromium: driver }] = await Promise.all([
    import('@sparticuz/chromium'),
    import('playwright-core'),
  ])
  return driver.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((each) => !each.startsWith('--headless')), '--no-sandbox'],
    headless: true,
  })
}

export type Started =
  | { readonly browser: Browser; readonly skip: false }
  | { readonly browser: null; readonly skip: string }

/** Starts it, or says why not. */
export const startBrowser = async (): Promise<Started> => {
  try {
    return { browser: await launch(), skip: false }
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
    return { browser: null, skip: `no browser starts here: ${said}` }
  }
}

/** A fresh browser profile with one page, watched for what must not happen. */
export const openWatched = async (
  browser: Browser,
  origin: string,
  more: { readonly width?: number; readonly scheme?: 'light' | 'dark' } = {},
): Promise<Watched> => {
  const { width = 1280, scheme = 'light' } = more
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  })
  const faults: string[] = []
  const foreign: string[] = []
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  page.on('console', (message) => {
    // a refused request is told by the page itself
    if (message.type() !== 'error' || message.text().startsWith('Failed to load')) return
    faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => {
    const { origin: asked, protocol } = new URL(request.url())
    if (asked !== origin && protocol !== 'data:') foreign.push(request.url())
  })
  return { context, page, faults, foreign }
}
