/** `packaging/` against this repository; that it starts is in pack.test.ts. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  composeEnvironment,
  documentsOf,
  execStart,
  imageEnvironment,
  kubernetesContainer,
  kubernetesEnvironment,
  packagingFiles,
  renderedChart,
  textOf,
} from './packaging.ts'

const root = join(import.meta.dirname, '..')
const settingsPage = readFileSync(join(root, 'docs/operating/configuration.md'), 'utf8')

const missing = (program: string): string | false =>
  spawnSync(program, ['--version']).status === 0 ? false : `${program} is not here`

test('every setting that is named exists', () => {
  for (const file of Object.values(packagingFiles)) {
    for (const [, name = ''] of textOf(file).matchAll(/\b(MINTMARK_[A-Z_]+)\b/g)) {
      const setting = name.replace(/_FILE$/, '')
      const isThere = [name, setting].some((each) => settingsPage.includes(`\`${each}\``))
      assert.ok(isThere, `${file}: ${name} is no setting`)
    }
  }
})

test('every YAML file can be read', () => {
  const { compose, composePostgresql, settings, kubernetes, helmValues } = packagingFiles
  for (const file of [compose, composePostgresql, settings, kubernetes, helmValues]) {
    for (const document of documentsOf(file)) assert.equal(typeof document, 'object', file)
  }
})

test('paths of the build exist, and the image knows no other stage', () => {
  const dockerfile = textOf(packagingFiles.dockerfile)
  assert.ok(existsSync(join(root, 'tools/pack.ts')) && dockerfile.includes('tools/pack.ts'))
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, name]) => name)
  for (const [, from] of dockerfile.matchAll(/--from=(\w+)/g)) assert.ok(stages.includes(from))
  assert.match(dockerfile, /^USER 65532:65532$/m)
  const context = join(root, 'packaging/docker', '../..')
  assert.ok(existsSync(join(context, packagingFiles.dockerfile)))
})

test('compose, image and Kubernetes agree on port and user', () => {
  const { MINTMARK_LISTEN: listen } = imageEnvironment()
  const port = Number(listen?.split(':')[1])
  assert.ok(textOf(packagingFiles.compose).includes(`127.0.0.1:${port}:${port}`))
  const { ports } = kubernetesContainer() as { ports: readonly { containerPort: number }[] }
  assert.equal(ports[0]?.containerPort, port)
  assert.match(textOf(packagingFiles.kubernetes), /runAsUser: 65532/)
  const environments = [composeEnvironment(packagingFiles.compose), kubernetesEnvironment()]
  for (const each of environments) assert.ok(each['MINTMARK_TRUSTED_PROXIES'])
})

test('the chart with its own values is the plain manifest, and every value is used', () => {
  assert.deepEqual(renderedChart('mintmark'), documentsOf(packagingFiles.kubernetes))
  assert.match(JSON.stringify(renderedChart('second')), /"serviceName":"second"/)
  const template = textOf(packagingFiles.helmTemplate)
  const values = documentsOf(packagingFiles.helmValues)[0] as object
  for (const name of Object.keys(values)) assert.ok(template.includes(`.Values.${name} `), name)
})

test('systemd accepts the unit, and calls it well confined', {
  skip: missing('systemd-analyze'),
}, () => {
  const unit = join(root, packagingFiles.unit)
  const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
  const said = `${verified.stdout}${verified.stderr}`
  // The program of the unit is not installed on a machine that only tests.
  const wrong = said.split('\n').filter((line) => line !== '' && !/not executable/.test(line))
  assert.deepEqual(wrong, [])
  const words = ['security', '--offline=true', '--threshold=25', '--no-pager', unit]
  const judged = spawnSync('systemd-analyze', words, { encoding: 'utf8' })
  assert.equal(judged.status, 0, judged.stdout.split('\n').slice(-4).join('\n'))
})

test('the unit starts what the tarball holds, with settings from its own file', () => {
  const words = execStart()
  assert.ok(words.includes('--permission') && words.includes('/etc/mintmark/mintmark.yaml'))
  const [program] = words.filter((word) => word.endsWith('mintmark.js'))
  assert.equal(program, '/opt/mintmark/node_modules/mintmark/bin/mintmark.js')
  assert.ok(existsSync(join(root, 'edge/cli/bin/mintmark.js')))
})
