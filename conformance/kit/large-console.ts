/** How fast pages come in a browser, and the list of many applications. */
import type { Page } from 'playwright-core'
import { appSchema } from './administration.ts'
import type { Watched } from './browser.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'

/** When the largest part of a page was painted, milliseconds from its request. */
export const largestPaintOf = async (page: Page): Promise<number> =>
  Number(
    await page.evaluate(`new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
        .observe({ type: 'largest-contentful-paint', buffered: true })
    })`),
  )

/** Of one bulk request: less than it may carry, as PostgreSQL takes many round trips for each. */
const atOnce = 100

const nameOf = (number: number): string => `Worker ${String(number).padStart(6, '0')}`

const operationsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    method: 'POST',
    path: '/Apps',
    bulkId: String(index),
    data: {
      schemas: [appSchema],
      displayName: nameOf(first + index),
      name: `worker-${first + index}`,
      basedOnTemplate: { value: 'CustomWebAppTemplateId' },
      active: true,
      isOAuthClient: true,
      clientType: 'confidential',
      allowedGrants: ['client_credentials'],
    },
  }))

/** Makes applications, named by number from 0. @throws when one cannot be made */
export const makeApplications = async ({ admin }: MintmarkDomain, count: number): Promise<void> => {
  for (let first = 0; first < count; first += atOnce) {
    const answer = await admin.call('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: operationsFrom(first, Math.min(atOnce, count - first)),
    })
    const operations = answer['Operations'] as { status: string }[]
    const failed = operations.find(({ status }) => status !== '201')
    if (failed !== undefined) throw new Error(JSON.stringify(failed))
  }
}

/** From the last key to the one row that is sought, milliseconds. */
const searchFor = async ({ page }: Watched, number: number): Promise<number> => {
  const name = nameOf(number)
  const field = page.getByRole('textbox', { name: 'Search' })
  await field.fill(name.slice(0, -1))
  await page.waitForTimeout(600)
  // measured by the page itself: what a driver takes to ask is not part of it
  const measured = page.evaluate(`new Promise((resolve) => {
    const field = document.querySelector('search input')
    let pressed = 0
    field.addEventListener('input', () => { pressed = performance.now() }, { once: true })
    const look = () => {
      const rows = document.querySelectorAll('tbody tr')
      const isFound = rows.length === 1 && rows[0].innerText.includes(${JSON.stringify(name)})
      if (pressed > 0 && isFound) resolve(performance.now() - pressed)
      else requestAnimationFrame(look)
    }
    look()
  })`)
  await field.press('End')
  await field.press(name.slice(-1))
  return Number(await measured)
}

export interface LargeList {
  readonly shownMs: number
  readonly pageMs: number
  readonly searchMs: readonly number[]
}

/** Opens the list, turns to a late page, searches. */
export const measureList = async (
  watched: Watched,
  at: { readonly url: string; readonly count: number; readonly searches: number },
): Promise<LargeList> => {
  const { page } = watched
  const { url, count, searches } = at
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const started = performance.now()
    await work()
    return performance.now() - started
  }
  const row = (number: number) => page.getByRole('row', { name: new RegExp(nameOf(number)) })
  const list = `${url}/console/applications?q=Worker`
  const shownMs = await timed(async () => {
    await page.goto(list)
    await row(0).waitFor()
  })
  await page.getByText(`${count.toLocaleString('en')} applications`).waitFor()
  const last = Math.ceil(count / 50)
  const pageMs = await timed(async () => {
    await page.getByRole('button', { name: `Page ${last}`, exact: true }).click()
    await row(count - 1).waitFor()
  })
  const searchMs: number[] = []
  for (let round = 1; round <= searches; round += 1) {
    searchMs.push(await searchFor(watched, Math.floor((count * round) / (searches + 1))))
  }
  return { shownMs, pageMs, searchMs }
}
