/** Every screen of the console, by the console's own table of pages, and a walk through all. */
import { ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { judgeAccessibility, untilStill, type Watched } from './browser.ts'
import { takePicture, untilShown } from './shown-page.ts'

const pages = new URL('../../service/console/src/frame/pages.tsx', import.meta.url)

/** The addresses that the console knows, with the names of what stands in them. */
export const consoleRoutes: readonly string[] = [
  ...readFileSync(pages, 'utf8').matchAll(/<Route path="([^"]+)"/g),
].map(([, route]) => route ?? '')

/** What a page about one thing is shown with. */
export interface Shown {
  readonly apps: readonly string[]
  readonly apis: readonly string[]
  /** Addresses beside those of the table: the same pages with something asked. */
  readonly more: readonly string[]
}

const kinds = ['confidential', 'mobile', 'api']

/** @throws for a page about something that this table does not know yet */
const addressesOf = (route: string, { apps, apis }: Shown): readonly string[] => {
  const [, above, name] = /^(.*)\/:(\w+)$/.exec(route) ?? []
  if (name === undefined) return [route]
  const things = { 'applications/add': kinds, applications: apps, 'cloud-services': apis }
  const known = Object.entries(things).find(([folder]) => above === `/${folder}`)
  if (known === undefined) throw new Error(`say with what ${route} is to be shown`)
  return known[1].map((each) => `${above}/${each}`)
}

/** One address for each page of the table, at least. */
export const screensOf = (shown: Shown): readonly string[] => {
  ok(consoleRoutes.length > 15, `the table of pages is read no more: ${consoleRoutes}`)
  return [
    ...consoleRoutes.flatMap((route) => addressesOf(route, shown)),
    ...shown.more,
    '/no-such-page',
  ]
}

/** Where to walk. */
interface Walk {
  readonly url: string
  readonly screens: readonly string[]
  /** As links do, which costs half as much; else each screen is loaded by its address. */
  readonly isWithinPage?: boolean
}

/** Calls back on each screen, and on each of its tabs. */
export const walkScreens = async (
  watched: Watched,
  at: Walk,
  look: (name: string) => Promise<void>,
): Promise<void> => {
  const { page } = watched
  for (const [number, path] of at.screens.entries()) {
    const address = `${at.url}/console${path}`
    if (at.isWithinPage) await page.evaluate(`history.pushState(null, '', '${address}')`)
    else await page.goto(address)
    await untilShown(watched)
    const name = `${number} ${path.replaceAll(/[0-9a-f]{32}/g, 'one').replace(/\?.*$/, ' asked')}`
    await look(name)
    const tabs = await page.getByRole('main').getByRole('tab', { selected: false }).all()
    const labels = await Promise.all(tabs.map((tab) => tab.innerText()))
    for (const label of labels) {
      await page.getByRole('tab', { name: label, exact: true }).click()
      await untilShown(watched)
      await look(`${name} ${label}`)
    }
  }
}

/** Colours go with the scheme, and what is there with the width: each is judged once. */
const shapes = [
  { colorScheme: 'light', width: 1280, isJudged: true },
  { colorScheme: 'dark', width: 1280, isJudged: false },
  { colorScheme: 'dark', width: 390, isJudged: true },
  { colorScheme: 'light', width: 390, isJudged: false },
] as const

/** The others are for pictures only. */
const isPictured = process.env['MINTMARK_CONSOLE_PICTURES'] !== undefined

/** What is wrong in either scheme, wide or narrow: for somebody, or beside the page. */
export const judgeShapes = async (watched: Watched, name: string): Promise<readonly string[]> => {
  const { page } = watched
  const wrong: string[] = []
  const isShown = ({ width }: { width: number }) => Number(width === page.viewportSize()?.width)
  // to draw a page in another shape costs as much as to judge it
  for (const shape of shapes.toSorted((a, b) => isShown(b) - isShown(a))) {
    const { colorScheme, width, isJudged } = shape
    if (!isJudged && !isPictured) continue
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 900 })
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
    const title = `${name} ${colorScheme} ${width}`
    if (isJudged) {
      const faults = await judgeAccessibility(watched)
      wrong.push(...faults.map((each) => `${title}: ${each}`))
    } else await untilStill(page)
    const wide = Number(await page.evaluate('document.documentElement.scrollWidth'))
    if (wide > width) wrong.push(`${title}: ${wide} pixels wide`)
    await takePicture(watched, title.replaceAll('/', '_'))
  }
  return wrong
}
