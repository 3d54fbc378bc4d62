import { anySpelling, type FrontFile, type FrontPlan } from './front-plan.ts'

/** Fields that match are taken out of the request before those of the answer are put in. */
export const traefikFiles = ({
  gateway,
  api,
  fields,
  passToken,
}: FrontPlan): readonly FrontFile[] => {
  const any = fields.map(anySpelling).join('|')
  const spent = `
    mintmark-spent:
      headers:
        customRequestHeaders:
          Authorization: ""`
  const text = `# Dynamic configuration of Traefik (file provider).
http:
  routers:
    api:
      rule: PathPrefix(\`/\`)
      service: api
      middlewares: [mintmark${passToken ? '' : ', mintmark-spent'}]
    mintmark-metadata:
      rule: PathPrefix(\`/.well-known/oauth-protected-resource\`)
      service: mintmark
  middlewares:
    mintmark:
      forwardAuth:
        address: http://${gateway}/.mintmark/authorize/traefik
        trustForwardHeader: false
        authResponseHeadersRegex: (?i)^(${any})$${passToken ? '' : spent}
  services:
    api:
      loadBalancer:
        servers:
          - url: http://${api}
    mintmark:
      loadBalancer:
        servers:
          - url: http://${gateway}
`
  return [{ name: 'mintmark-traefik.yaml', text }]
}
