import type { Domain } from './domain.ts'

/** Somebody who administers while the soak runs. */
export interface Administration {
  /** Ends it. */
  readonly stop: () => Promise<AdministrationReport>
}

export interface AdministrationReport {
  /** Applications that have come and gone. */
  readonly lives: number
  /** Those that something of was refused or broke: a machine with other work is overloaded. */
  readonly cutShort: number
  /** The first few faults. */
  readonly samples: readonly string[]
}

const samplesMax = 3

const appSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:App'
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

async function call(domain: Domain, method: string, path: string, body?: object) {
  const response = await fetch(`${domain.url}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${domain.accessToken}`,
      'Content-Type': 'application/scim+json',
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

/** One application is created, changed, gets a token that is revoked, and is deleted. */
async function oneLife(domain: Domain, tokenPath: string, number: number): Promise<void> {
  const app = await call(domain, 'POST', '/admin/v1/Apps', {
    schemas: [appSchema],
    displayName: `Soak ${number}`,
    active: true,
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
  })
  const path = `/admin/v1/Apps/${app['id']}`
  await call(domain, 'PATCH', path, {
    schemas: [patchSchema],
    Operations: [{ op: 'replace', path: 'description', value: `life ${number}` }],
  })
  const credential = Buffer.from(`${app['name']}:${app['clientSecret']}`).toString('base64')
  // A client without a grant is refused: that too is work.
  await fetch(`${domain.url}${tokenPath}`, {
    method: 'POST',
    headers: { Authorization: `Basic ${credential}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  }).then((response) => response.text())
  await call(domain, 'GET', `/admin/v1/Apps?filter=${encodeURIComponent('displayName sw "Soak"')}`)
  await call(domain, 'PATCH', path, {
    schemas: [patchSchema],
    Operations: [{ op: 'replace', path: 'active', value: false }],
  })
  await call(domain, 'DELETE', path)
}

/**
 * Begins to administer, one application after the other, until it is told to stop.
 *
 * @param entered gives the domain with a token that is good for a while
 * @param pauseMillis between two of them
 */
export function administerFor(
  entered: () => Promise<Domain>,
  tokenPath: string,
  pauseMillis: number,
): Administration {
  let isOver = false
  const live = async (number: number): Promise<void> => oneLife(await entered(), tokenPath, number)
  const run = async (): Promise<AdministrationReport> => {
    const samples: string[] = []
    let lives = 0
    let cutShort = 0
    while (!isOver) {
      try {
        await live(lives + cutShort)
        lives += 1
      } catch (fault) {
        cutShort += 1
        if (samples.length < samplesMax) samples.push((fault as Error).message)
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMillis))
    }
    return { lives, cutShort, samples }
  }
  const running = run()
  return {
    stop: () => {
      isOver = true
      return running
    },
  }
}
