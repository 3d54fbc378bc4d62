import type { FrontFile, FrontPlan } from './front-plan.ts'

const variable = (name: string): string => `$mintmark_${name.toLowerCase().replaceAll('-', '_')}`

/**
 * nginx keeps neither the body nor most statuses of a refused subrequest, so the refusal is asked
 * for once more, by itself. Fields with underscores it drops unless told otherwise.
 */
export const nginxFiles = ({
  gateway,
  api,
  port,
  fields,
  passToken,
}: FrontPlan): readonly FrontFile[] => {
  const set = fields.map((name) => {
    const sent = `$upstream_http_${name.toLowerCase().replaceAll('-', '_')}`
    return `      auth_request_set ${variable(name)} ${sent};`
  })
  const pass = fields.map((name) => `      proxy_set_header ${name} ${variable(name)};`)
  const ask = `      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URI $request_uri;`
  const text = `# In the http block of nginx.
upstream mintmark_gateway {
  server ${gateway};
  keepalive 32;
}

upstream mintmark_api {
  server ${api};
  keepalive 32;
}

server {
  listen ${port};
  underscores_in_headers off;
  ignore_invalid_headers on;
  client_max_body_size 0;

  location / {
      auth_request /.mintmark/ask;
${set.join('\n')}
      error_page 401 403 500 = @mintmark_refusal;

      proxy_pass http://mintmark_api;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
${pass.join('\n')}${passToken ? '' : '\n      proxy_set_header Authorization "";'}
  }

  location = /.mintmark/ask {
      internal;
      proxy_pass http://mintmark_gateway/.mintmark/authorize/nginx;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
${ask}
  }

  location @mintmark_refusal {
      internal;
      rewrite ^ /.mintmark/refusal/nginx break;
      proxy_method GET;
      proxy_pass http://mintmark_gateway;
${ask}
  }

  location /.well-known/oauth-protected-resource {
      proxy_pass http://mintmark_gateway;
      proxy_set_header Host $http_host;
  }
}
`
  return [{ name: 'mintmark-nginx.conf', text }]
}
