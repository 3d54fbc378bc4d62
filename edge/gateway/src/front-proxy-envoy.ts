import { misleadingFields } from './forward-auth.ts'
import { anySpelling, type FrontFile, type FrontPlan } from './front-plan.ts'

const addressOf = (hostAndPort: string): string => {
  const at = hostAndPort.lastIndexOf(':')
  const host = hostAndPort.slice(0, at).replace(/^\[|\]$/g, '')
  return `{ address: "${host}", port_value: ${hostAndPort.slice(at + 1)} }`
}

const cluster = (name: string, hostAndPort: string): string => `    - name: ${name}
      connect_timeout: 5s
      type: STRICT_DNS
      load_assignment:
        cluster_name: ${name}
        endpoints:
          - lb_endpoints:
              - endpoint: { address: { socket_address: ${addressOf(hostAndPort)} } }`

/**
 * `failure_mode_allow` stays false: without an answer of the gateway nobody comes in. A 5xx of the
 * gateway is none either to Envoy, which would tell the caller 403.
 */
export const envoyFiles = ({
  gateway,
  api,
  port,
  fields,
  passToken,
}: FrontPlan): readonly FrontFile[] => {
  const exact = fields.map((name) => `${' '.repeat(30)}- exact: ${name.toLowerCase()}`)
  const asked = [...fields, ...misleadingFields].map(anySpelling)
  const spent = passToken ? '' : '\n                  request_headers_to_remove: [authorization]'
  const type = 'type.googleapis.com/envoy.extensions.filters'
  const text = `static_resources:
  listeners:
    - address: { socket_address: { address: 0.0.0.0, port_value: ${port} } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": ${type}.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: mintmark
                common_http_protocol_options:
                  headers_with_underscores_action: REJECT_REQUEST
                route_config:${spent}
                  virtual_hosts:
                    - name: api
                      domains: ["*"]
                      routes:
                        - match: { prefix: /.well-known/oauth-protected-resource }
                          route: { cluster: mintmark }
                          typed_per_filter_config:
                            envoy.filters.http.ext_authz:
                              "@type": ${type}.http.ext_authz.v3.ExtAuthzPerRoute
                              disabled: true
                        - match: { prefix: / }
                          route: { cluster: api }
                http_filters:
                  - name: envoy.filters.http.ext_authz
                    typed_config:
                      "@type": ${type}.http.ext_authz.v3.ExtAuthz
                      failure_mode_allow: false
                      status_on_error: { code: ServiceUnavailable }
                      allowed_headers:
                        patterns:
                          - exact: x-request-id
                          - exact: dpop
                          - exact: x-forwarded-client-cert
                          - safe_regex: { regex: "(?i)(${asked.join('|')})" }
                      http_service:
                        server_uri: { uri: "http://${gateway}", cluster: mintmark, timeout: 10s }
                        path_prefix: /.mintmark/authorize/envoy
                        authorization_response:
                          allowed_upstream_headers:
                            patterns:
${exact.join('\n')}
                          allowed_client_headers:
                            patterns:
                              - prefix: www-authenticate
                              - exact: content-type
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": ${type}.http.router.v3.Router
  clusters:
${cluster('api', api)}
${cluster('mintmark', gateway)}
`
  return [{ name: 'mintmark-envoy.yaml', text }]
}
