import { doesNotMatch, equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { protectSnippets } from './protect-snippets.ts'

const api = { issuer: 'https://auth.example', audience: 'https://orders/', scope: 'orders.read' }
const textOf = (label: string, of = api): string =>
  protectSnippets(of).find((each) => each.label.startsWith(label))?.text ?? ''

describe('what protects an API', () => {
  it('has its own values in it', () => {
    for (const label of ['Express', 'Fastify', 'Hono', 'Node', 'Gateway']) {
      for (const value of Object.values(api)) {
        ok(textOf(label).includes(JSON.stringify(value)), `${label} ${value}`)
      }
    }
    equal(new Set(protectSnippets(api).map(({ label }) => label)).size, 7)
  })
  it('lets no value out of its quotes', () => {
    const evil = { ...api, audience: `https://a/'"$(x)\`</script>` }
    ok(textOf('Try it', evil).includes(`'https://a/'\\''"$(x)\`</script>orders.read'`))
    doesNotMatch(textOf('Express', evil), /<\/script>/)
    ok(textOf('Express', evil).includes(`"https://a/'\\"$(x)\``))
  })
})
