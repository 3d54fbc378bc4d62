import { Alert, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { PageHead } from '../parts/page-head.tsx'
import { DecodedTokenView } from './decoded-token.tsx'
import { decodeToken, findToken, lifeOf, looksLikeSecret } from './token-text.ts'
import { VerifyPanel } from './verify-panel.tsx'

const lead =
  'Paste a token, a header or a whole answer. It is decoded in this browser, and sent nowhere ' +
  'unless you have this server verify it.'

/** Reads a token in this browser; the server sees it when it is asked to verify it. */
export const InspectorPage = () => {
  const [text, setText] = useState('')
  const isSecret = looksLikeSecret(text)
  const found = findToken(text)
  const token = isSecret ? null : decodeToken(found)
  return (
    <>
      <PageHead title="Token inspector" lead={lead} />
      <Textarea
        label="Token"
        rows={5}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        mb="md"
      />
      <div aria-live="polite">
        {isSecret ? (
          <Alert color="red" title="This is a client secret, not a token">
            Clear the field. If you pasted it anywhere else, regenerate it.
          </Alert>
        ) : null}
        {!isSecret && text.trim() !== '' && token === null ? (
          <Text size="sm">This is not a JSON Web Token.</Text>
        ) : null}
        {token === null ? null : (
          <>
            <Text mb="md" fw={600}>
              {lifeOf(token, Date.now())} Issued by {String(token.claims['iss'] ?? 'nobody named')}.
            </Text>
            <VerifyPanel key={found} text={found} decoded={token} />
            <DecodedTokenView token={token} />
          </>
        )}
      </div>
    </>
  )
}
