/*
 * Signing in at the console as a person does, in a real browser: the first pairing, a password, an
 * authenticator and a passkey, and the proof that keys and secrets take.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { judgeAccessibility, openWatched, signInBrowser, startBrowser } from './kit/browser.ts'
import { clockAhead } from './kit/clock.ts'
import { codeOf } from './kit/console-account.ts'
import { freePort } from './kit/free-port.ts'
import { judgeShown, untilShown } from './kit/shown-page.ts'
import { startOurs } from './kit/start-domain.ts'

const { browser, skip } = await startBrowser()
after(() => browser?.close())

const password = 'seven wise owls at noon'

describe('signing in at the console', { skip }, () => {
  it('goes from pairing to password and authenticator, and asks again before secrets', async () => {
    const home = await startOurs()
    let again = home
    try {
      const client = await home.createClient({ scopes: [] })
      const first = await signInBrowser(browser, home)
      const { page } = first
      await page.goto(`${home.url}/console/your-sign-in`)
      await page.getByText('They come with the first second factor').waitFor()
      equal(await page.getByRole('button', { name: 'Make new recovery codes' }).count(), 0)
      await page.locator('input[name=password]').fill(password)
      await page.getByRole('button', { name: 'Set password' }).click()
      await page.getByRole('button', { name: 'Change password' }).waitFor()
      await page.getByRole('button', { name: 'Add authenticator' }).click()
      const dialog = page.getByRole('dialog', { name: 'Add an authenticator' })
      const address = await dialog.getByRole('link').getAttribute('href')
      const secret = new URL(address ?? '').searchParams.get('secret') ?? ''
      await dialog.getByRole('img', { name: 'The key as a QR code' }).waitFor()
      await judgeShown(first, 'sign-in authenticator')
      await dialog.getByLabel('Code that it shows now').fill(codeOf(secret))
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      const codes = page.getByRole('dialog', { name: 'Recovery codes, shown this once' })
      const recovery = (await codes.locator('pre').innerText()).split('\n')
      equal(recovery.length, 10)
      deepEqual(await judgeAccessibility(first), [])
      await codes.getByRole('button', { name: 'I have stored them' }).click()
      deepEqual(await judgeAccessibility(first), [])
      deepEqual(first.faults, [])
      await first.context.close()

      const second = await openWatched(browser as NonNullable<typeof browser>, home.url)
      await second.page.goto(`${home.url}/console/`)
      await second.page.getByRole('tab', { name: 'Password' }).click()
      await second.page.getByLabel('User name').fill('administrator')
      await second.page.locator('input[name=password]').fill(password)
      await second.page.getByRole('button', { name: 'Sign in' }).click()
      await second.page.getByLabel('Code of your authenticator').fill(codeOf(secret, 1))
      deepEqual(await judgeAccessibility(second), [])
      await second.page.getByRole('button', { name: 'Sign in' }).click()
      await second.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
      const cookies = await second.context.cookies()

      again = await home.restart({ environment: clockAhead(6 * 60_000) })
      await second.context.clearCookies()
      await second.context.addCookies(
        cookies.map(({ name, value, httpOnly, sameSite }) => ({
          name,
          value,
          httpOnly,
          sameSite,
          url: again.url,
        })),
      )
      const late = await second.context.newPage()
      await late.goto(`${again.url}/console/applications/${client.id}`)
      await late
        .getByRole('button', { name: /Regenerate|Show client secret/ })
        .first()
        .click()
      const confirm = late.getByRole('dialog').getByRole('button', { name: /Regenerate/ })
      const proof = late.getByRole('dialog', { name: 'Is it still you?' })
      await confirm.or(proof).first().waitFor()
      if (!(await proof.isVisible())) await confirm.click()
      await proof.locator('input[name=proof]').fill('not my password')
      await proof.getByRole('button', { name: 'Go on' }).click()
      await proof.getByText('That is not it').waitFor()
      await proof.locator('input[name=proof]').fill(password)
      await proof.getByRole('button', { name: 'Go on' }).click()
      await proof.waitFor({ state: 'hidden' })
      await late.getByText(/mms_/).first().waitFor()
    } finally {
      await again.stop()
    }
  })

  it('takes a passkey in place of a code, and again for a proof', async () => {
    const environment = { MINTMARK_LISTEN: `127.0.0.1:${await freePort()}` }
    const home = await startOurs({ environment })
    let again = home
    try {
      const client = await home.createClient({ scopes: [] })
      const { page, context, faults } = await signInBrowser(browser, home)
      const debug = await context.newCDPSession(page)
      await debug.send('WebAuthn.enable')
      await debug.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      })
      await page.goto(`${home.url}/console/your-sign-in`)
      await page.locator('input[name=password]').fill(password)
      await page.getByRole('button', { name: 'Set password' }).click()
      await page.getByRole('button', { name: 'Change password' }).waitFor()
      await page.getByLabel('Name of a passkey').fill('Laptop')
      await page.getByRole('button', { name: 'Add passkey' }).click()
      const codes = page.getByRole('dialog', { name: 'Recovery codes, shown this once' })
      await codes.getByRole('button', { name: 'I have stored them' }).click()
      await page.getByRole('listitem').filter({ hasText: 'Passkey Laptop at localhost' }).waitFor()
      await page.getByRole('button', { name: 'Make new recovery codes' }).waitFor()
      for (let round = 0; round < 2; round += 1) {
        await page.getByRole('button', { name: 'Administrator', exact: true }).click()
        await page.getByRole('menuitem', { name: 'Sign out' }).click()
        await page.getByRole('tab', { name: 'Password' }).click()
        await page.getByLabel('User name').fill('administrator')
        await page.locator('input[name=password]').fill(password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('button', { name: 'Use a passkey' }).click()
        await page.getByRole('button', { name: 'Administrator', exact: true }).waitFor()
      }
      again = await home.restart({ environment: { ...environment, ...clockAhead(6 * 60_000) } })
      await page.goto(`${again.url}/console/applications/${client.id}`)
      await page
        .getByRole('button', { name: /Regenerate|Show client secret/ })
        .first()
        .click()
      const confirm = page.getByRole('dialog').getByRole('button', { name: /Regenerate/ })
      const proof = page.getByRole('dialog', { name: 'Is it still you?' })
      await confirm.or(proof).first().waitFor()
      if (!(await proof.isVisible())) await confirm.click()
      await proof.getByRole('tab', { name: 'Passkey' }).click()
      await proof.getByRole('button', { name: 'Use a passkey' }).click()
      await proof.waitFor({ state: 'hidden' })
      await page.getByText(/mms_/).first().waitFor()
      deepEqual(faults, [])
      await context.close()
    } finally {
      await again.stop()
    }
  })

  it('shows who is signed in, and ends the session of another browser', async () => {
    const home = await startOurs()
    try {
      const [mine, other] = [await signInBrowser(browser, home), await signInBrowser(browser, home)]
      await mine.page.goto(`${home.url}/console/administrators`)
      await untilShown(mine)
      const sessions = mine.page.getByRole('region', { name: 'Sessions' })
      await sessions.getByRole('row', { name: /by pairing code .*This one/ }).waitFor()
      equal(await sessions.getByRole('button', { name: /^End session of / }).count(), 1)
      await sessions.getByRole('button', { name: 'End session of user:administrator' }).click()
      await sessions.getByRole('button').first().waitFor({ state: 'detached' })
      await sessions.getByRole('row').nth(2).waitFor({ state: 'detached' })
      equal(await sessions.getByRole('row').count(), 2)
      await other.page.getByRole('link', { name: 'Integrated applications' }).click()
      await other.page.getByText('The session has ended.').waitFor()
      deepEqual([mine.faults, other.faults], [[], []])
    } finally {
      await home.stop()
    }
  })
})
