import { Title } from '@mantine/core'
import { useSession } from '../frame/session-context.ts'
import { CopyValue } from '../parts/copy-value.tsx'
import { Facts } from '../parts/facts.tsx'

/** The addresses of the domain. */
export const DomainInformation = () => {
  const { url, secureUrl, issuer } = useSession().session.domain
  const copied = (label: string, value: string) => ({
    label,
    value: <CopyValue label={label} value={value} />,
  })
  return (
    <section className="card" aria-label="Domain information">
      <Title order={2} size="h4" mb="md">
        Domain information
      </Title>
      <Facts
        facts={[
          copied('Domain URL', url),
          secureUrl === null
            ? { label: 'Secure domain URL', value: 'not offered' }
            : copied('Secure domain URL', secureUrl),
          copied('Issuer', issuer),
        ]}
      />
    </section>
  )
}
