/* The list of some thousand applications in a real browser: shown, turned to its end, searched. */
import { equal, ok } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { makeApplications, measureList } from './kit/large-console.ts'
import { close } from './kit/shown-page.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const count = 3000

describe('the list of many applications', { skip }, () => {
  it('shows a page at a time, the last as well, and finds one by its name', async () => {
    await makeApplications(domain, count)
    const watched = await signInBrowser(browser, domain)
    const asked: URL[] = []
    watched.page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.pathname === '/admin/v1/Apps') asked.push(url)
    })
    const { searchMs } = await measureList(watched, { url: domain.url, count, searches: 2 })
    equal(searchMs.length, 2)
    ok(asked.length > 0)
    for (const { searchParams } of asked) {
      ok(Number(searchParams.get('count')) <= 50, `asks for a page only: ${searchParams}`)
    }
    await close(watched)
  })
})
