import type { FrontFile, FrontPlan } from './front-plan.ts'

/** Old versions of `copy_headers` leave what a caller forged, so all is taken out before. */
export const caddyFiles = ({
  gateway,
  api,
  port,
  fields,
  passToken,
}: FrontPlan): readonly FrontFile[] => {
  const remove = fields.map((name) => `      request_header -${name}`)
  const text = `:${port} {
  handle /.well-known/oauth-protected-resource* {
    reverse_proxy ${gateway}
  }
  handle {
    route {
${remove.join('\n')}
      forward_auth ${gateway} {
        uri /.mintmark/authorize/caddy
        copy_headers ${fields.join(' ')}
      }
      reverse_proxy ${api}${passToken ? '' : ' {\n        header_up -Authorization\n      }'}
    }
  }
}
`
  return [{ name: 'Caddyfile', text }]
}
