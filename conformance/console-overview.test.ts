/* The first page of the console: the last hour, what needs attention, a beginner's steps. */
import { equal, ok } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { atMinuteStart } from './kit/clock.ts'
import { close, judgeShown, untilShown } from './kit/shown-page.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'

/** What is asked in it has to fit into one minute of the chart. */
const domain = await useMintmark({ environment: atMinuteStart() })
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const audience = 'https://orders.example/'

const ask = async (client: { clientId: string; secret: string }, count: number): Promise<void> => {
  for (let asked = 0; asked < count; asked += 1) {
    await fetch(`${domain.url}/oauth2/v1/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
  }
}

/** Refusals are packed together, and put on record a moment later. */
const untilOnRecord = async (reasons: readonly string[]): Promise<void> => {
  for (const deadline = Date.now() + 30_000; ; ) {
    const answer = await fetch(`${domain.url}/api/v1/audit?action=token&result=refused`, {
      headers: { authorization: `Bearer ${domain.admin.token}` },
    })
    const { events } = (await answer.json()) as { events: { reason: string }[] }
    if (reasons.every((each) => events.some(({ reason }) => reason === each))) return
    ok(Date.now() < deadline, `${reasons} are not on record`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('the overview', { skip }, () => {
  it('teaches a beginner the first steps, each with its command', async () => {
    // another one: what an overview has read, it says for a quarter of a minute
    const home = await startOurs()
    const watched = await signInBrowser(browser, home)
    const { page } = watched
    const steps = page.getByRole('region', { name: 'First steps' })
    for (const step of ['Create an API', 'Add an application', 'Get a token', 'Protect your API']) {
      await steps.getByRole('link', { name: step }).waitFor()
    }
    await steps.getByText('mintmark api create').waitFor()
    await untilShown(watched)
    await judgeShown(watched, 'overview empty light 1280')
    await close(watched)
    await home.stop()
  })

  it('says who is refused, is inactive and asks, or keeps no token', async () => {
    await domain.createApi({ audience, scopes: ['orders.read'] })
    const scopes = [`${audience}orders.read`]
    const [greedy, wrong, sleeping] = await Promise.all([
      domain.createClient({ scopes }),
      domain.createClient({ scopes }),
      domain.createClient({ scopes }),
    ])
    await domain.setActive(sleeping, false)
    await ask(greedy, 12)
    await ask({ ...wrong, secret: 'mms_wrong' }, 2)
    await ask(sleeping, 1)
    await untilOnRecord(['MISTYPED_SECRET', 'CLIENT_INACTIVE'])
    for (const [scheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      const watched = await signInBrowser(browser, domain, { scheme, width })
      const { page } = watched
      // the last that it is told is whether a token was ever issued
      const held = Promise.withResolvers<void>()
      const asksForIssued = ({ pathname, searchParams }: URL) =>
        pathname === '/api/v1/audit' && searchParams.get('result') === 'ok'
      await page.route(asksForIssued, async (route) => {
        await held.promise
        await route.continue()
      })
      await page.reload()
      const attention = page.getByRole('region', { name: 'Needs attention' })
      await attention.getByText('It took 12 tokens in the last hour').waitFor()
      await attention.getByText('never let through: MISTYPED_SECRET').waitFor()
      await attention.getByText('It is inactive, and asked for a token once').waitFor()
      const steps = page.getByRole('region', { name: 'First steps' })
      equal(await steps.count(), 0, 'before anybody knows')
      held.resolve()
      await page.getByRole('img', { name: /^Minute by minute; at most 1[2-9]/ }).waitFor()
      await untilShown(watched)
      equal(await steps.count(), 0)
      await judgeShown(watched, `overview ${scheme} ${width}`)
      await attention.getByRole('link', { name: 'See why' }).click()
      await page.getByRole('tab', { name: 'Activity', selected: true }).waitFor()
      await close(watched)
    }
  })
})
