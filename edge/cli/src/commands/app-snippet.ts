import { didYouMean } from '@mintmark/protocol/closest-name'
import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Declared } from '../export/declare-app.ts'
import { findApp } from '../nouns/find.ts'
import { describeApplication } from '../nouns/tell-app.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { openSession, type SessionFlags } from '../session/open-session.ts'
import { processTerminal } from '../session/terminal.ts'
import { nodeSnippet } from '../snippet/node-snippet.ts'
import { javaSnippet, pythonSnippet } from '../snippet/program-snippets.ts'
import { curlSnippet, httpSnippet, postmanSnippet } from '../snippet/shell-snippet.ts'
import { type SnippetFacts, snippetLanguages } from '../snippet/snippet-facts.ts'

export interface SnippetFlags extends SessionFlags {
  readonly lang: string
  readonly api?: string
}

type Language = (typeof snippetLanguages)[number]

const writers: Readonly<Record<Language, (facts: SnippetFacts) => string>> = {
  node: nodeSnippet,
  python: pythonSnippet,
  java: javaSnippet,
  curl: curlSnippet,
  http: httpSnippet,
  postman: postmanSnippet,
}

const readLanguage = (text: string): Language => {
  const language = snippetLanguages.find((each) => each === text.toLowerCase())
  if (language !== undefined) return language
  const hint = didYouMean(text, snippetLanguages) ?? ''
  const message = `--lang is ${snippetLanguages.join(', ')}, not "${text}". ${hint}`.trimEnd()
  throw new CommandFault(exitCodes.usage, message)
}

const proofOf = ({ authentication }: Declared): SnippetFacts['proof'] => {
  if (!isObject(authentication) || 'secret' in authentication) return 'secret'
  return 'certificates' in authentication ? 'certificate' : 'key'
}

const canDo: Readonly<Record<SnippetFacts['proof'], readonly Language[]>> = {
  secret: snippetLanguages,
  certificate: ['node', 'curl'],
  key: ['node'],
}

/** Which API the program is for. @throws CommandFault where that can be several, or none */
const apiOf = (declared: Declared, stated: string | undefined): string => {
  const access = (declared['access'] ?? []) as readonly Json[]
  const names = access.map((each) => textOf(each, 'api'))
  const meant = stated ?? declared['defaultApi'] ?? (names.length === 1 ? names[0] : undefined)
  if (typeof meant === 'string') return meant
  const name = String(declared['name'])
  const message =
    names.length === 0
      ? `${name} may use no API yet. First: mintmark app grant "${name}" API SCOPE`
      : `${name} may use ${names.join(', ')}. Say one with --api.`
  throw new CommandFault(exitCodes.usage, message)
}

/** `mintmark app snippet`: what to write where, with everything but the secret filled in. */
export const appSnippet = (name: string, flags: SnippetFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const language = readLanguage(flags.lang)
    const server = await openSession(flags, terminal)
    const app = await findApp(server.send, name, 'application')
    const declared = await describeApplication(server.send, app, terminal.nowMs)
    const api = await findApp(server.send, apiOf(declared, flags.api), 'API')
    const proof = proofOf(declared)
    if (!canDo[proof].includes(language)) {
      const able = canDo[proof].map((each) => `--lang ${each}`).join(' or ')
      const message = `${textOf(app, 'displayName')} proves itself by a ${proof}: use ${able}.`
      throw new CommandFault(exitCodes.usage, message)
    }
    const audience = textOf(api, 'audience')
    const own = new Set(listOf(api, 'scopes').map((scope) => textOf(scope, 'fqs')))
    const granted = listOf(app, 'allowedScopes').map((scope) => textOf(scope, 'fqs'))
    const facts: SnippetFacts = {
      name: textOf(app, 'displayName'),
      clientId: textOf(app, 'name'),
      issuer: server.issuer,
      domainUrl: server.issuer.replace(/\/$/, '') === server.url ? null : server.url,
      tokenEndpoint: server.tokenEndpoint,
      apiName: textOf(api, 'displayName'),
      audience,
      scopes: granted.filter((fqs) => own.has(fqs)),
      proof,
    }
    terminal.writeOutput(writers[language](facts))
    return undefined
  }, terminal)
