import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfiguration } from './read-configuration.ts'
import { settingGroups } from './setting.ts'
import { settingKeys, settingOf } from './settings.ts'
import { renderSettingsHelp, renderSettingsPage } from './settings-page.ts'
import { environmentSpellings, fileSpellings, flagSpellings } from './written-value.ts'

const kebab = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('.', '-')

test('variables and flags follow from the key path', () => {
  for (const key of settingKeys) {
    const { environment, flag } = settingOf(key)
    assert.equal(flag, kebab(key))
    assert.equal(environment, `MINTMARK_${kebab(key).replaceAll('-', '_').toUpperCase()}`)
  }
})

test('no two settings share a spelling, also not with the file of a secret', () => {
  const count = settingKeys.length + settingKeys.filter((key) => settingOf(key).isSecret).length
  for (const spellings of [environmentSpellings, fileSpellings, flagSpellings]) {
    assert.equal(spellings.size, count)
  }
  assert.ok(settingKeys.every((key) => settingGroups.includes(settingOf(key).group)))
})

test('docs/operating/configuration.md is what the table says', () => {
  const page = new URL('../../../../docs/operating/configuration.md', import.meta.url)
  assert.equal(
    readFileSync(page, 'utf8'),
    renderSettingsPage(),
    'run node --conditions=mintmark-source service/server/src/configuration/write-settings-page.ts',
  )
})

test('the example on the page is right but for the files it names', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-page-'))
  try {
    const example = /```yaml\n([\s\S]*?)```/.exec(renderSettingsPage())?.[1] ?? ''
    writeFileSync(join(directory, 'mintmark.yaml'), example)
    const flags = { config: 'mintmark.yaml' }
    const result = readConfiguration({ environment: {}, flags, directory })
    assert.deepEqual(
      result.ok
        ? []
        : result.failure.map(({ key, what }) => `${key} ${what.split(' ', 2).join(' ')}`),
      ['tls.cert cannot read', 'tls.key cannot read'],
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('page and help name every setting in each of its spellings', () => {
  const [page, help] = [renderSettingsPage(), renderSettingsHelp()]
  for (const key of settingKeys) {
    const row = settingOf(key)
    const flag = `--${row.flag}${row.isSecret ? '-file' : ''}`
    for (const part of [`\`${key}\``, row.environment, flag]) assert.ok(page.includes(part), part)
    for (const part of [row.environment, flag]) assert.ok(help.includes(part), part)
  }
  for (const line of help.split('\n')) assert.ok(line.length <= 100, line)
  assert.ok(!help.includes('`'))
  assert.doesNotMatch(help, /\]\(/)
})
