/*
 * The guide for Oracle Integration in a real browser: every button, tab, box and field is found by
 * the name that the guide has for it, and its closing curl gets a token that an instance accepts.
 */
import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { appSchema } from './kit/administration.ts'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { curlSkip, runCurl } from './kit/curl.ts'
import { startInstance } from './kit/integration-instance.ts'
import { decode } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip: browserSkip } = await startBrowser()
after(() => browser?.close())
const skip = browserSkip || curlSkip

const audience = 'https://0123456789ABCDEF.integration.example:443'
const consumerAll = 'urn:opc:resource:consumer::all'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })

/** *In the navigation pane* and *in the menu bar* of the guide. */
const choose = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Menu bar' }).getByRole('link', { name }).click()

/** The instance of Oracle Integration that the guide takes for granted. */
const makeInstance = async (): Promise<void> => {
  const scopes = [consumerAll, 'ic/api/']
  const created = await domain.admin.call('POST', '/Apps', {
    schemas: [appSchema],
    displayName: 'Integration',
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    active: true,
    isOAuthResource: true,
    audience,
    scopes: scopes.map((value) => ({ value })),
  })
  const api = { id: String(created['id']), audience, scopes, client: null }
  await domain.admin.createRole(api, 'ServiceInvoker', [])
}

const toIntegratedApplications = async (page: Page): Promise<void> => {
  await choose(page, 'Identity & Security')
  await choose(page, 'Domains')
  await page.getByLabel('Compartment').selectOption('root')
  await page.getByRole('link', { name: 'Default', exact: true }).click()
  await choose(page, 'Integrated applications')
}

const addApplication = async (page: Page, name: string): Promise<void> => {
  await button(page, 'Add application').click()
  await page.getByLabel('Confidential Application', { exact: true }).check()
  await button(page, 'Launch workflow').click()
  await page.getByLabel('Name').fill(name)
  await button(page, 'Submit').click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}

const configure = async (page: Page): Promise<void> => {
  await tab(page, 'OAuth configuration').click()
  await button(page, 'Edit OAuth configuration').click()
  await page.getByLabel('Configure this application as a client now').check()
  await page.getByLabel('Client credentials', { exact: true }).check()
  for (const blank of ['Redirect URL', 'Post-logout redirect URL', 'Logout URL']) {
    equal(await page.getByLabel(blank, { exact: true }).inputValue(), '')
  }
  equal(await page.getByLabel('Confidential', { exact: true }).isChecked(), true)
  const policy = page.getByRole('region', { name: 'Token issuance policy' })
  await policy.getByLabel('Specific').check()
  await policy.getByRole('switch', { name: 'Add Resources' }).check()
  await button(page, 'Add scope').click()
  const drawer = page.getByRole('dialog', { name: 'Add scope' })
  await drawer.getByRole('button', { name: /^Integration/ }).click()
  await drawer.getByLabel(consumerAll, { exact: true }).check()
  await drawer.getByLabel('ic/api/', { exact: true }).check()
  await drawer.getByRole('button', { name: 'Add', exact: true }).click()
  const resources = policy.getByRole('region', { name: 'Resources', exact: true })
  await resources.getByText(consumerAll).waitFor()
  await resources.getByText('ic/api/').waitFor()
  await button(page, 'Submit').click()
  await button(page, 'Edit OAuth configuration').waitFor()
}

const assignRole = async (page: Page, name: string): Promise<void> => {
  await choose(page, 'Oracle cloud services')
  await page.getByRole('link', { name: 'Integration', exact: true }).click()
  await tab(page, 'Application roles').click()
  await page.getByRole('button', { name: 'ServiceInvoker' }).click()
  await page.getByRole('button', { name: 'Actions: Assigned applications' }).click()
  await page.getByRole('menuitem', { name: 'Manage applications' }).click()
  await page.getByLabel(name, { exact: true }).check()
  await button(page, 'Assign').click()
  await page.getByText('Assigned applications: 1').waitFor()
}

const activate = async (page: Page, name: string): Promise<void> => {
  await choose(page, 'Integrated applications')
  await page.getByRole('link', { name, exact: true }).click()
  await button(page, 'Actions').click()
  await page.getByRole('menuitem', { name: 'Activate', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Activate application' }).click()
  await page.getByText('Active', { exact: true }).waitFor()
}

/** Client id and secret from *General Information*. */
const noteCredentials = async (page: Page) => {
  const general = page.getByRole('region', { name: 'General Information' })
  const clientId = await general.locator('dd').first().innerText()
  await general.getByRole('button', { name: 'Show client secret' }).click()
  const dialog = page.getByRole('dialog', { name: 'Client secret' })
  const secret = await dialog.locator('.secret').innerText()
  await dialog.getByRole('button', { name: 'I have stored it' }).click()
  await general.getByRole('button', { name: 'Regenerate' }).waitFor()
  return { clientId: clientId.trim(), secret: secret.trim() }
}

describe('the Integration guide in the console', { skip }, () => {
  it('leads from an empty console to a token', async () => {
    await makeInstance()
    const instance = await startInstance(domain, audience)
    after(instance.stop)
    const { page, context, faults, foreign } = await signInBrowser(browser, domain)
    await toIntegratedApplications(page)
    await addApplication(page, 'Calls Integration')
    await configure(page)
    await assignRole(page, 'Calls Integration')
    await activate(page, 'Calls Integration')
    const { clientId, secret } = await noteCredentials(page)
    doesNotMatch(await page.content(), new RegExp(secret), 'a secret is shown once')
    const basic = Buffer.from(`${clientId}:${secret}`).toString('base64')
    const answer = await runCurl(`curl -i -H 'Authorization: Basic ${basic}' \\
      -H 'Content-Type: application/x-www-form-urlencoded;charset=UTF-8' \\
      --request POST ${domain.url}/oauth2/v1/token \\
      -d 'grant_type=client_credentials&scope=${audience}${consumerAll}'`)
    equal(answer.status, 200, answer.text)
    const { claims } = decode(String(answer.json?.['access_token']))
    deepEqual([claims['sub'], claims['aud'], claims['scope']], [clientId, audience, consumerAll])
    const run = await instance.run(String(answer.json?.['access_token']))
    equal(run.status, 200, run.text)
    deepEqual(run.json, { ranAs: 'Calls Integration', echo: 'hello' })
    deepEqual([faults, foreign], [[], []])
    match(page.url(), /^http:\/\/localhost:\d+\/console\/applications\/\w+$/)
    await context.close()
  })
})
