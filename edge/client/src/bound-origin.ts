import { isLoopbackHost } from '@mintmark/protocol/rfc6761-localhost'
import { ClientError } from './client-error.ts'

/** An http or https URL, or null; `URL.parse` is younger than Node 20. */
export const httpUrl = (text: string): URL | null => {
  try {
    const url = new URL(text)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : null
  } catch {
    return null
  }
}

/** Whether what is sent there cannot be read on the way. */
export const isConfidential = (url: URL): boolean =>
  url.protocol === 'https:' || isLoopbackHost(url.hostname)

/**
 * A URL that secrets or tokens may be sent to.
 * @param name what it is, for the message
 * @throws ClientError `not_configured` for plain http to another machine, and for what is no URL
 */
export const confidentialUrl = (text: string, name: string, allowInsecureHttp: boolean): URL => {
  const url = httpUrl(text)
  if (url === null) {
    throw new ClientError('not_configured', `${name} is no http or https URL: "${text}".`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new ClientError('not_configured', `${name} must not hold credentials.`)
  }
  if (allowInsecureHttp || isConfidential(url)) return url
  throw new ClientError(
    'not_configured',
    `${name} is plain http: ${url.origin}. Use https, or allowInsecureHttp in a closed network.`,
  )
}

/** The origins that get tokens: the stated ones, else those of the URLs that name the API. */
export const allowedOriginsOf = (
  stated: readonly string[] | undefined,
  named: readonly (string | null)[],
  allowInsecureHttp: boolean,
): ReadonlySet<string> => {
  if (stated === undefined) {
    const urls = named.map((each) => (each === null ? null : httpUrl(each)))
    const usable = urls.filter((url) => url !== null && (allowInsecureHttp || isConfidential(url)))
    return new Set(usable.map((url) => (url as URL).origin))
  }
  return new Set(
    stated.map((text) => {
      const url = confidentialUrl(text, 'allowedOrigins', allowInsecureHttp)
      if (url.pathname === '/' && url.search === '' && url.hash === '') return url.origin
      throw new ClientError(
        'not_configured',
        `allowedOrigins takes origins, and "${text}" has a path: write "${url.origin}".`,
      )
    }),
  )
}
