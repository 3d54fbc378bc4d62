/* The pages under *Operate* in a real browser: what each shows, does, and says when it cannot. */
import { equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { makeAuthority, makeCertificate, nameOf } from './kit/certificate.ts'
import { close, judgeShown, untilShown } from './kit/shown-page.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const at = (path: string) => `${domain.url}/console${path}`

/** A page, and what it asks the server for. */
const shownPages: readonly (readonly [path: string, source: string])[] = [
  ['/keys', '/api/v1/keys'],
  ['/audit', '/api/v1/audit?'],
  ['/certificates', '/admin/v1/OAuthClient'],
  ['/administrators', '/admin/v1/AppRoles'],
  ['/settings', '/api/v1/settings'],
  ['/health', '/api/v1/health'],
]

const newApplication = `applications:
  - name: From a file
    clientId: from-a-file
    authentication: secret
`

const refusal = {
  status: 403,
  contentType: 'application/problem+json',
  body: JSON.stringify({ title: 'no', detail: 'You may not.', fix: 'It takes a role.' }),
}

describe('pages of Operate', { skip }, () => {
  it('show that they load, what was refused, and try again', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    for (const [path, source] of shownPages) {
      const held = Promise.withResolvers<void>()
      const isAsked = (url: URL) => `${url.pathname}${url.search}`.startsWith(source)
      await page.route(isAsked, async (route) => {
        await held.promise
        await route.fulfill(refusal)
      })
      await page.goto(at(path))
      await page.getByLabel('Loading').first().waitFor()
      held.resolve()
      const alert = page.getByRole('alert').filter({ hasText: 'It takes a role.' })
      await alert.first().waitFor()
      await judgeShown(watched, `operate ${path.slice(1)} refused`)
      await page.unroute(isAsked)
      await alert.first().getByRole('button', { name: 'Retry' }).click()
      await alert.first().waitFor({ state: 'detached' })
    }
    await close(watched)
  })
})

describe('administrators', { skip }, () => {
  it('gives a role, takes it away, and tells why the last one keeps it', async () => {
    const made = await domain.createClient({ scopes: [] })
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/administrators'))
    await page
      .getByRole('row', { name: /Identity Domain Administrator/ })
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Add administrator' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add administrator' })
    await dialog.getByLabel('Administrator role').selectOption('Audit Administrator')
    await dialog.getByLabel('Applications').check()
    await judgeShown(watched, 'operate administrators adding')
    await dialog.getByRole('button', { name: 'Choose…' }).click()
    const drawer = page.getByRole('dialog', { name: 'Audit Administrator: Applications' })
    const { displayName } = await domain.admin.call('GET', `/Apps/${made.id}`)
    await drawer.getByLabel(String(displayName), { exact: true }).check()
    await drawer.getByRole('button', { name: 'Assign' }).click()
    const row = page.getByRole('row', { name: `${displayName} Application Audit Administrator` })
    await row.getByRole('button', { name: /^Remove / }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove role' }).click()
    await row.waitFor({ state: 'detached' })
    const last = page.getByRole('row', { name: /Application Identity Domain Administrator/ })
    equal(await last.count(), 1)
    await last.getByRole('button', { name: /^Remove / }).click()
    const removing = page.getByRole('dialog', { name: 'Remove role' })
    await removing.getByRole('button', { name: 'Remove role' }).click()
    match(await removing.getByRole('alert').innerText(), /last/)
    await judgeShown(watched, 'operate administrators last')
    await close(watched)
  })
})

describe('audit log', { skip }, () => {
  it('shows what a change has changed, and gives it away as CSV and NDJSON', async () => {
    const made = await domain.createClient({ scopes: [] })
    await domain.admin.setActive(made.id, false)
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/audit?action=application.*'))
    await page.getByText(/^Chain verified to /).waitFor()
    const row = page.getByRole('row', { name: /application\.deactivate/ }).first()
    await row.getByRole('button', { name: 'More' }).click()
    await page.getByRole('row', { name: 'active true false' }).waitFor()
    await judgeShown(watched, 'operate audit change')
    const take = async (name: RegExp) => {
      await page.getByRole('button', { name: 'Export' }).click()
      const taking = page.waitForEvent('download')
      await page.getByRole('menuitem', { name }).click()
      const file = await (await taking).path()
      return readFileSync(file, 'utf8')
    }
    match(await take(/^CSV/), /^at,actor,action.*\r\n.*application\.deactivate/)
    match(await take(/^NDJSON/), /^\{"checkpoint":.*\n\{"pack":/)
    match(await take(/^Checkpoint/), /^ey[\w-]+\.[\w-]+\.[\w-]+\n$/)
    await close(watched)
  })
})

describe('certificates', { skip }, () => {
  it('imports what the server can read, says who uses it, and keeps what is in use', async () => {
    const authority = makeAuthority('Partner')
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/certificates'))
    const clients = page.getByRole('region', { name: 'Client certificates' }).first()
    await clients.getByRole('button', { name: 'Import client certificate' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import client certificate' })
    await dialog.getByLabel('Certificate alias').fill('parts-2026')
    await dialog.getByLabel('Certificate (PEM)').fill('-----BEGIN PRIVATE KEY-----')
    await dialog.getByText(/There is a private key in it/).waitFor()
    await dialog.getByLabel('Certificate (PEM)').fill('nothing')
    const submit = dialog.getByRole('button', { name: 'Import client certificate' })
    await submit.click()
    await dialog.getByRole('alert').filter({ hasText: 'no certificate' }).waitFor()
    await judgeShown(watched, 'operate certificates adding')
    const notAfter = new Date(Date.now() + 90 * 86_400_000)
    const { pem } = makeCertificate({ subject: nameOf(['CN', 'parts']), notAfter })
    await dialog.locator('input[type=file]').setInputFiles({
      name: 'parts.pem',
      mimeType: 'application/x-pem-file',
      buffer: Buffer.from(pem),
    })
    await submit.click()
    await clients.getByRole('row', { name: /^parts-2026.*Valid.*nobody/ }).waitFor()
    await domain.createClient({ certificates: ['parts-2026'] })
    await page.reload()
    const row = clients.getByRole('row', { name: /^parts-2026.*Client/ })
    await row.getByRole('button', { name: 'Remove parts-2026' }).click()
    const removing = page.getByRole('dialog', { name: 'Remove certificate' })
    await removing.getByLabel(/^Type the name/).fill('parts-2026')
    await removing.getByRole('button', { name: 'Remove certificate' }).click()
    await removing.getByRole('alert').waitFor()
    await removing.getByRole('button', { name: 'Cancel' }).click()
    const trusted = page.getByRole('region', { name: 'Trusted authorities' }).first()
    await trusted.getByRole('button', { name: 'Import trusted authority' }).click()
    await page.getByLabel('Certificate alias').fill('partner-ca')
    await page.getByLabel('Certificate (PEM)').fill(authority.pem)
    await page.getByRole('dialog').getByRole('button', { name: 'Import trusted authority' }).click()
    await trusted.getByRole('row', { name: /^partner-ca.*Expires soon/ }).waitFor()
    await judgeShown(watched, 'operate certificates filled')
    await close(watched)
  })
})

describe('import and export', { skip }, () => {
  it('marks wrong lines, shows the change before it is made, and the secret once', async () => {
    await domain.createApi({ audience: 'https://there.example/', scopes: ['read'] })
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/domain-file'))
    await page.getByRole('button', { name: 'Export into the editor' }).click()
    const editor = page.getByLabel('Domain file')
    await page.getByText('Write, paste or open').waitFor({ state: 'detached' })
    match(await editor.inputValue(), /there\.example/)
    const preview = page.getByRole('button', { name: 'Show what would change' })
    const apply = page.getByRole('button', { name: 'Apply', exact: true })
    await preview.click()
    await page.getByText(/^Nothing to change/).waitFor()
    await editor.fill('applications:\n  - nam: Wrong\n')
    await preview.click()
    await page.getByRole('alert').filter({ hasText: 'domain.yaml:2:' }).waitFor()
    equal(await page.locator('[data-wrong]').first().innerText(), '2')
    ok(await apply.isDisabled())
    await judgeShown(watched, 'operate domain-file wrong')
    await editor.fill(newApplication)
    await preview.click()
    await page
      .getByRole('row', { name: /^\+ add app From a file/ })
      .first()
      .waitFor()
    await judgeShown(watched, 'operate domain-file diff')
    await editor.fill(`${newApplication}# changed since it was shown\n`)
    ok(await apply.isDisabled())
    await preview.click()
    await apply.click()
    await page.getByText('Applied', { exact: true }).waitFor()
    const secrets = page.getByRole('region', { name: 'New secrets' })
    match(await secrets.innerText(), /From a file\s[\s\S]*mms_/)
    await judgeShown(watched, 'operate domain-file applied')
    await page.reload()
    equal(await page.getByText('mms_').count(), 0)
    await close(watched)
  })
})

describe('settings', { skip }, () => {
  it('changes what holds for the domain, and keeps what the server refuses', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/settings?set=yes'))
    await page.getByText('MINTMARK_DATA', { exact: true }).waitFor()
    await untilShown(watched)
    equal(await page.getByText('connectionsMax').count(), 0)
    await page.getByRole('switch', { name: 'Only what somebody has set' }).uncheck()
    await page.getByText('connectionsMax').waitFor()
    const access = page.getByLabel('Access signing certificate')
    await access.check()
    // nothing is typed meanwhile, and the button waits as it does when nothing is to be saved
    const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH')
    await page.getByRole('button', { name: 'Save' }).click()
    equal((await saved).status(), 200)
    await access.and(page.locator(':enabled')).waitFor()
    await page.getByRole('button', { name: 'Save', disabled: true }).waitFor()
    equal(await access.isChecked(), true)
    const said = await domain.admin.call('GET', '/Settings/Settings')
    equal(said['signingCertPublicAccess'], true)
    await page.getByRole('textbox', { name: 'Issuer' }).fill('no address')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').waitFor()
    equal(await page.getByRole('textbox', { name: 'Issuer' }).inputValue(), 'no address')
    await close(watched)
  })
})

describe('system health', { skip }, () => {
  it('tells the parts, the chain, and what was locked at the build', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/health'))
    await page
      .getByText(domain.databaseUrl === '' ? 'SQLite' : 'PostgreSQL')
      .first()
      .waitFor()
    await page.getByText(/^Chain verified to /).waitFor()
    await page.getByLabel('Find a package or licence').fill('fastify')
    await page.getByRole('row', { name: /^fastify \S+ MIT$/ }).waitFor()
    await close(watched)
  })
})

// last: with the key that is withdrawn ends the token of this test
describe('signing keys', { skip }, () => {
  it('rotates by announcing, and says when the successor signs', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/keys'))
    // what comes above a button moves it, and a press that is under way is lost
    await untilShown(watched)
    const master = page.getByRole('region', { name: 'Master key' })
    await master.getByRole('button', { name: 'Check the master key' }).click()
    await master.getByText(/^It opens all \d+ sealed records\.$/).waitFor()
    await judgeShown(watched, 'operate keys checked')
    await page.getByRole('button', { name: 'Rotate…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Rotate signing keys' })
    await dialog.getByText('It signs 10 minutes from now').waitFor()
    await dialog.getByLabel('Which').selectOption('ES256')
    await judgeShown(watched, 'operate keys rotating')
    await dialog.getByRole('button', { name: 'Rotate', exact: true }).click()
    await dialog.getByRole('status').filter({ hasText: 'in the key set' }).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    const es256 = page.getByRole('region', { name: 'ES256' })
    await es256.getByText('Next', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Rotate…' }).click()
    await dialog.getByLabel('Which').selectOption('ES256')
    await dialog.getByRole('button', { name: 'Rotate', exact: true }).click()
    await dialog.getByText('A rotation is under way already').waitFor()
    await close(watched)
  })

  it('withdraws a key only when its name was typed', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/keys'))
    const rs256 = page.getByRole('region', { name: 'RS256' })
    const button = rs256.getByRole('button', { name: /^Withdraw / })
    const kid = (await button.getAttribute('aria-label'))?.replace('Withdraw ', '') ?? ''
    await button.click()
    const dialog = page.getByRole('dialog', { name: 'Withdraw key' })
    const withdraw = dialog.getByRole('button', { name: 'Withdraw key' })
    ok(await withdraw.isDisabled())
    await dialog.getByLabel(/^Type the name/).fill(kid)
    await judgeShown(watched, 'operate keys withdrawing')
    await withdraw.click()
    await dialog.waitFor({ state: 'detached' })
    await rs256.getByText('Current', { exact: true }).waitFor()
    ok(!(await rs256.innerText()).includes(kid))
    await close(watched)
  })
})
