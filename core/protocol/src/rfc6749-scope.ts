/** The scope parameter: scope-tokens with exactly one space between (RFC 6749 §3.3, App. A.4). */
import { type Refusal, refuse } from './refusal.ts'
import { ok, type Result } from './result.ts'

export const scopeCharsMax = 8192
export const scopeTokensMax = 256

/** scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) */
export const isScopeToken = (text: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)

/**
 * Reads a scope value.
 * @param text the decoded value, not empty (an empty parameter counts as omitted, §3.2)
 * @returns the tokens in the order sent, each once: order and repetition mean nothing (§3.3);
 * SCOPE_MALFORMED for what does not fit the grammar or is longer than 8192 characters or 256 tokens
 */
export const parseScope = (text: string): Result<readonly string[], Refusal> => {
  if (text.length > scopeCharsMax) {
    return refuse('SCOPE_MALFORMED', { detail: `It is longer than ${scopeCharsMax} characters.` })
  }
  const tokens = text.split(' ')
  if (tokens.length > scopeTokensMax) {
    return refuse('SCOPE_MALFORMED', { detail: `It has more than ${scopeTokensMax} scopes.` })
  }
  for (const [at, token] of tokens.entries()) {
    if (token === '') {
      return refuse('SCOPE_MALFORMED', { detail: 'Put exactly one space between two scopes.' })
    }
    if (!isScopeToken(token)) {
      return refuse('SCOPE_MALFORMED', {
        detail: `Scope ${at + 1} has a character it cannot have.`,
      })
    }
  }
  return ok(tokens.length === 1 ? tokens : [...new Set(tokens)])
}
