import type { FrontFile, FrontPlan } from './front-plan.ts'

/** Asks with the HTTP client that HAProxy 2.5 and newer have built in; fails closed. */
const script = ({ gateway, fields }: FrontPlan): string => `-- Asks the gateway about a request.
local names = { ${fields.map((name) => `"${name.toLowerCase()}"`).join(', ')} }
local dropped = { ["content-length"] = true, ["transfer-encoding"] = true, ["connection"] = true,
  ["expect"] = true, ["upgrade"] = true, ["te"] = true, ["host"] = true,
  ["x-original-method"] = true, ["x-original-uri"] = true }

core.register_action("mintmark", { "http-req" }, function(txn)
  txn:set_var("txn.mintmark_status", 503)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not dropped[name] then
      headers[name] = {}
      for at, value in pairs(values) do headers[name][at + 1] = value end
    end
  end
  headers["host"] = { "mintmark" }
  headers["x-original-method"] = { txn.f:method() }
  headers["x-original-uri"] = { txn.f:pathq() }
  local answer = core.httpclient():get{
    url = "http://${gateway}/.mintmark/authorize/haproxy", headers = headers, timeout = 10000 }
  if answer == nil or answer.status == nil or answer.status == 0 then return end
  txn:set_var("txn.mintmark_status", answer.status)
  local challenge = answer.headers["www-authenticate"]
  if challenge then txn:set_var("txn.mintmark_challenge", challenge[0]) end
  if answer.body then txn:set_var("txn.mintmark_body", answer.body) end
  for _, name in ipairs(names) do
    txn.http:req_del_header(name)
    local value = answer.headers[name]
    if value and value[0] ~= "" then txn.http:req_set_header(name, value[0]) end
  end
end)
`

const rulesFor = (status: number): readonly string[] => {
  const begin =
    `  http-request return status ${status} content-type application/problem+json ` +
    `lf-string "%[var(txn.mintmark_body)]"`
  const isStatus = `if !mintmark_metadata { var(txn.mintmark_status) -m int ${status} }`
  return [
    `${begin} hdr WWW-Authenticate "%[var(txn.mintmark_challenge)]" ` +
      `${isStatus} { var(txn.mintmark_challenge) -m found }`,
    `${begin} ${isStatus}`,
  ]
}

/** Each status has its rules: one that is computed is not possible there. */
const refusals = [400, 401, 403, 405].flatMap(rulesFor).join('\n')

export const haproxyFiles = (plan: FrontPlan): readonly FrontFile[] => {
  const { gateway, api, port, passToken } = plan
  const spent = passToken ? '' : '\n  http-request del-header Authorization if !mintmark_metadata'
  const text = `global
  lua-load mintmark.lua

defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s

frontend mintmark
  bind :${port}
  acl mintmark_metadata path_beg /.well-known/oauth-protected-resource
  http-request lua.mintmark if !mintmark_metadata
${refusals}
  acl mintmark_yes var(txn.mintmark_status) -m int 200
  http-request return status 503 if !mintmark_metadata !mintmark_yes${spent}
  http-request set-header X-Forwarded-For %[src]
  use_backend mintmark_gateway if mintmark_metadata
  default_backend mintmark_api

backend mintmark_api
  server api ${api}

backend mintmark_gateway
  server gateway ${gateway}
`
  return [
    { name: 'haproxy.cfg', text },
    { name: 'mintmark.lua', text: script(plan) },
  ]
}
