import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { GatewaySettings } from '@mintmark/gateway/gateway-settings'
import { accountsFromFile, accountsOverHttp } from '@mintmark/guard/account-sources'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import type { GatewayFile, GuardPart } from './gateway-file.ts'

const accountOptions = (
  { accounts, allowHttp }: GuardPart,
  besides: (path: string) => string,
): Pick<GuardOptions, 'accounts'> => {
  if (accounts === null) return {}
  const find =
    'file' in accounts
      ? accountsFromFile(besides(accounts.file))
      : accountsOverHttp(accounts.url, { allowHttp })
  return { accounts: { find, ...(accounts.claim !== null && { claim: accounts.claim }) } }
}

const introspectionOptions = (
  { introspection }: GuardPart,
  besides: (path: string) => string,
): Pick<GuardOptions, 'introspection'> => {
  if (introspection === null) return {}
  const { clientId, clientSecretFile, maxAgeSeconds, subjectField } = introspection
  const path = besides(clientSecretFile)
  return {
    introspection: {
      clientId,
      // Read again each time: a rotated secret is used at once.
      clientSecret: async () => (await readFile(path, 'utf8')).trim(),
      ...(maxAgeSeconds !== null && { maxAgeSeconds }),
      ...(subjectField !== null && { subjectField }),
    },
  }
}

const revocationOptions = (
  { revocations }: GuardPart,
  besides: (path: string) => string,
): Pick<GuardOptions, 'revocations'> => {
  if (revocations === null) return {}
  const { clientId, clientSecretFile, staleSecondsMax } = revocations
  const path = besides(clientSecretFile)
  const clientSecret = async () => (await readFile(path, 'utf8')).trim()
  return {
    revocations: { clientId, clientSecret, ...(staleSecondsMax !== null && { staleSecondsMax }) },
  }
}

const senderOptions = (
  { dpop, certificates }: GuardPart,
  trustedProxies: readonly string[],
): Pick<GuardOptions, 'dpop' | 'certificates'> => {
  const isHandshake = certificates?.from === 'handshake'
  return {
    ...(dpop !== null && { dpop }),
    ...(certificates !== null && {
      certificates: { ...certificates, ...(!isHandshake && { trustedProxies }) },
    }),
  }
}

/**
 * A file as settings, with what lies beside it.
 * @param path of the file
 * @throws Error when a certificate or key cannot be read; TypeError for what a guard cannot be
 */
export const settingsOfFile = (
  file: GatewayFile,
  path: string,
  onEvent: NonNullable<GuardOptions['onEvent']>,
): GatewaySettings => {
  const besides = (name: string) => resolve(dirname(path), name)
  const { guard, listen: _, metrics: __, ...rest } = file
  const { issuer, audience, profile, discoveryUrl, allowHttp } = guard
  const { tls } = file
  return {
    ...rest,
    guard: {
      issuer,
      audience,
      profile,
      allowHttp,
      ...(discoveryUrl !== null && { discoveryUrl }),
      ...accountOptions(guard, besides),
      ...introspectionOptions(guard, besides),
      ...revocationOptions(guard, besides),
      ...senderOptions(guard, file.trustedProxies),
      onEvent,
    },
    tls:
      tls === null
        ? null
        : {
            certificate: readFileSync(besides(tls.certificate), 'utf8'),
            key: readFileSync(besides(tls.key), 'utf8'),
          },
  }
}
