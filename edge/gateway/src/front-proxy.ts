/** Configurations for the proxies that ask this gateway: printed, to be adapted and kept. */

import type { FrontProxy } from './forward-auth.ts'
import type { FrontFile, FrontPlan } from './front-plan.ts'
import { caddyFiles } from './front-proxy-caddy.ts'
import { envoyFiles } from './front-proxy-envoy.ts'
import { haproxyFiles } from './front-proxy-haproxy.ts'
import { nginxFiles } from './front-proxy-nginx.ts'
import { traefikFiles } from './front-proxy-traefik.ts'

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
