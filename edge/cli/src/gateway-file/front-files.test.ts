/**
 * The files for Traefik and Envoy, which no test here can load into the programs: every field is
 * one of those that their references list, at the place where they list it. Compared by hand with
 * the protos of Envoy's API v3 (ExtAuthz, RouteConfiguration, StringMatcher, HttpUri; listeners and
 * clusters with configurations in use) and with Traefik's `dynamic-configuration/file.yaml`.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type FrontProxy, misleadingFields } from '@mintmark/gateway/forward-auth'
import { frontFiles } from '@mintmark/gateway/front-proxy'
import { parse } from 'yaml'

const plan = {
  gateway: '127.0.0.1:8490',
  api: '[::1]:3000',
  port: 8080,
  fields: ['X-Client-Id', 'X-Account'],
  passToken: false,
}

const traefikForwardAuth = 'http.middlewares.*.forwardAuth'
const filter = 'static_resources.listeners.filter_chains.filters.typed_config'
const authorization = `${filter}.http_filters.typed_config`

/** Where, and what may stand there; `*` is a name of the operator's choice. */
const known: Readonly<Partial<Record<FrontProxy, Readonly<Record<string, string>>>>> = {
  traefik: {
    '': 'http',
    http: 'routers middlewares services',
    'http.routers': '*',
    'http.routers.*': 'rule service middlewares priority entryPoints tls',
    'http.middlewares': '*',
    'http.middlewares.*': 'forwardAuth headers',
    [traefikForwardAuth]:
      'address trustForwardHeader authResponseHeaders authResponseHeadersRegex authRequestHeaders',
    'http.middlewares.*.headers': 'customRequestHeaders',
    'http.middlewares.*.headers.customRequestHeaders': '*',
    'http.services': '*',
    'http.services.*': 'loadBalancer',
    'http.services.*.loadBalancer': 'servers passHostHeader',
    'http.services.*.loadBalancer.servers': 'url',
  },
  envoy: {
    '': 'static_resources',
    static_resources: 'listeners clusters',
    'static_resources.listeners': 'name address filter_chains',
    'static_resources.listeners.filter_chains': 'filters',
    'static_resources.listeners.filter_chains.filters': 'name typed_config',
    [filter]: '@type stat_prefix common_http_protocol_options route_config http_filters',
    [`${filter}.common_http_protocol_options`]: 'headers_with_underscores_action',
    [`${filter}.route_config`]: 'name virtual_hosts request_headers_to_remove',
    [`${filter}.route_config.virtual_hosts`]: 'name domains routes',
    [`${filter}.route_config.virtual_hosts.routes`]: 'match route typed_per_filter_config',
    [`${filter}.http_filters`]: 'name typed_config',
    [authorization]: '@type failure_mode_allow status_on_error allowed_headers http_service',
    [`${authorization}.status_on_error`]: 'code',
    [`${authorization}.allowed_headers`]: 'patterns',
    [`${authorization}.allowed_headers.patterns`]: 'exact prefix safe_regex ignore_case',
    [`${authorization}.http_service`]:
      'server_uri path_prefix authorization_request authorization_response',
    [`${authorization}.http_service.server_uri`]: 'uri cluster timeout',
    [`${authorization}.http_service.authorization_response`]:
      'allowed_upstream_headers allowed_client_headers',
    'static_resources.clusters': 'name connect_timeout type load_assignment',
    'static_resources.clusters.load_assignment': 'cluster_name endpoints',
    'static_resources.clusters.load_assignment.endpoints': 'lb_endpoints',
    'static_resources.clusters.load_assignment.endpoints.lb_endpoints': 'endpoint',
  },
}

/** Fields that no table lists at their place; places without a table are not looked at. */
const strangers = (value: unknown, place: string, table: Readonly<Record<string, string>>) => {
  const found: string[] = []
  const visit = (node: unknown, at: string): void => {
    if (Array.isArray(node)) {
      for (const each of node) visit(each, at)
    } else if (typeof node === 'object' && node !== null) {
      const words = table[at]?.split(' ')
      const isNamed = words?.[0] === '*'
      for (const [name, inner] of Object.entries(node)) {
        if (words !== undefined && !isNamed && !words.includes(name)) found.push(`${at}.${name}`)
        visit(inner, [at, isNamed ? '*' : name].filter((part) => part !== '').join('.'))
      }
    }
  }
  visit(value, place)
  return found
}

for (const [proxy, table] of Object.entries(known)) {
  it(`the files for ${proxy} have fields that its reference lists`, () => {
    for (const passToken of [true, false]) {
      for (const { text } of frontFiles(proxy as FrontProxy, { ...plan, passToken })) {
        const file = parse(text)
        assert.deepEqual(strangers(file, '', table), [])
        const [first = ''] = Object.keys(table).slice(-1)
        const broken = parse(text.replace(first.split('.').at(-1) ?? '', 'misspelt'))
        assert.notDeepEqual(strangers(broken, '', table), [], 'a misspelt field is not noticed')
      }
    }
  })
}

it('Envoy tells the gateway of every field that the gateway refuses', () => {
  const [{ text } = { text: '' }] = frontFiles('envoy', plan)
  const asked = /safe_regex: \{ regex: "\(\?i\)([^"]+)" \}/.exec(text)?.[1] ?? ''
  for (const name of [...misleadingFields, ...plan.fields]) {
    for (const spelling of [name, name.replaceAll('-', '.'), name.replace('-', '_')]) {
      assert.match(spelling, new RegExp(`^${asked}$`, 'i'))
    }
  }
  assert.doesNotMatch('x-request-id', new RegExp(`^${asked}$`, 'i'))
})
