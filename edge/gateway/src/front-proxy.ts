/** Configurations for the proxies that ask this gateway: printed, to be adapted and kept. */

import type { FrontProxy } from './forward-auth.ts'
import { caddyFiles } from './front-proxy-caddy.ts'
import { envoyFiles } from './front-proxy-envoy.ts'
import { haproxyFiles } from './front-proxy-haproxy.ts'
import { nginxFiles } from './front-proxy-nginx.ts'
import { traefikFiles } from './front-proxy-traefik.ts'
import { spellingKey } from './identity-fields.ts'

/** What a configuration is written from. */
export interface FrontPlan {
  /** `host:port` of the gateway. */
  readonly gateway: string
  /** `host:port` of the API. */
  readonly api: string
  /** Where the proxy listens: `8080`. */
  readonly port: number
  /** Names of the identity fields. */
  readonly fields: readonly string[]
  /** Whether the API gets the token too. */
  readonly passToken: boolean
}

/** A file to save under this name. */
export interface FrontFile {
  readonly name: string
  readonly text: string
}

const writers: Readonly<Record<FrontProxy, (plan: FrontPlan) => readonly FrontFile[]>> = {
  nginx: nginxFiles,
  caddy: caddyFiles,
  haproxy: haproxyFiles,
  traefik: traefikFiles,
  envoy: envoyFiles,
}

/** The files for one proxy. */
export const frontFiles = (proxy: FrontProxy, plan: FrontPlan): readonly FrontFile[] =>
  writers[proxy](plan)

/** A field name as a regular expression that no spelling escapes. */
export const anySpelling = (name: string): string => spellingKey(name).replaceAll('-', '[^a-z0-9]')
