/** A real browser from the registry, for tests of pages; left out by name where it cannot start. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page, Request } from 'playwright-core'
import { newCode } from './console.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'

export interface Watched {
  readonly context: BrowserContext
  readonly page: Page
  /** What the policy of the pages had to stop, and what failed on them. */
  readonly faults: string[]
  /** Addresses of other origins that were asked. */
  readonly foreign: readonly string[]
  /** How many requests wait for their answer; streams of events always do, and do not count. */
  readonly underway: () => number
}

const { devDependencies } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { devDependencies: Record<string, string> }

/**
 * The program, unpacked once for a machine. The package unpacks it to where the next test file
 * already looks for it, and would start half of it: so it is unpacked aside, and moved when whole.
 */
const unpack = async (): Promise<string> => {
  const folder = tmpdir()
  const whole = join(folder, `mintmark-chromium-${devDependencies['@sparticuz/chromium']}`)
  if (existsSync(whole)) return join(whole, 'chromium')
  const { default: chromium } = await import('@sparticuz/chromium')
  const aside = mkdtempSync(`${whole}-`)
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = aside
  try {
    await chromium.executablePath()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
  try {
    renameSync(aside, whole)
  } catch {
    // another test file was first
    rmSync(aside, { recursive: true })
  }
  return join(whole, 'chromium')
}

const launch = async (): Promise<Browser> => {
  const { chromium: driver } = await import('playwright-core')
  return driver.launch({
    executablePath: await unpack(),
    // not the arguments that come with it: they switch the security of the web off
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
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

const countUnderway = (page: Page): (() => number) => {
  const asked = new Set<Request>()
  page.on('request', (request) => {
    if (request.headers()['accept'] !== 'text/event-stream') asked.add(request)
  })
  page.on('requestfinished', (request) => asked.delete(request))
  page.on('requestfailed', (request) => asked.delete(request))
  return () => asked.size
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
  page.setDefaultTimeout(20_000)
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
  return { context, page, faults, foreign, underway: countUnderway(page) }
}

/** A page of somebody who came by a pairing code. */
export const signInBrowser = async (
  browser: Browser | null,
  domain: MintmarkDomain,
  more: { readonly width?: number; readonly scheme?: 'light' | 'dark' } = {},
): Promise<Watched> => {
  if (browser === null) throw new Error('no browser')
  const watched = await openWatched(browser, domain.url, more)
  await watched.page.goto(`${domain.url}/console#pair=${await newCode(domain)}`)
  await watched.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  return watched
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const isThere = 'typeof axe === "object"'
const judge = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  JSON.stringify(violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ' ' + html.slice(0, 200)))))`

/**
 * Until what has changed is drawn, and no colour is on its way to another: only what has no end, as
 * a sign that something loads, still moves.
 */
export const untilStill = async (page: Page): Promise<void> => {
  await page.evaluate(`(async () => {
    for (let frame = 0; frame < 2; frame += 1) {
      await new Promise((drawn) => {
        requestAnimationFrame(drawn)
        setTimeout(drawn, 200)
      })
    }
    const moving = document.getAnimations().filter(({ playState, effect }) =>
      playState === 'running' && Number.isFinite(effect?.getComputedTiming().endTime))
    await Promise.allSettled(moving.map(({ finished }) => finished))
  })()`)
}

/** What axe calls serious or critical. It runs past the policy of the page, as a debugger does. */
export const judgeAccessibility = async ({
  page,
  context,
}: Watched): Promise<readonly string[]> => {
  await untilStill(page)
  const debug = await context.newCDPSession(page)
  const evaluate = (expression: string) =>
    debug.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
  const { result: known } = await evaluate(isThere)
  const { result, exceptionDetails } = await evaluate(known.value ? judge : `${axe}; ${judge}`)
  await debug.detach()
  if (exceptionDetails) throw new Error(`axe: ${exceptionDetails.text}`)
  return JSON.parse(String(result.value)) as string[]
}
