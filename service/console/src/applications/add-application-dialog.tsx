import { Alert, Button, Group, Modal, Radio, Stack } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useState } from 'react'
import { useLocation } from 'wouter'

const kinds = [
  {
    value: 'confidential',
    label: 'Confidential Application',
    description:
      'A server, job or service that can keep a secret. Older guides: “Trusted Application”',
  },
  {
    value: 'mobile',
    label: 'Mobile Application',
    description: 'A program on a device or in a browser; it can keep no secret',
  },
  {
    value: 'api',
    label: 'API',
    description: 'Something that accepts tokens: an audience, its scopes and app roles',
  },
] as const

/** What is to be added; the rest is the workflow. */
export const AddApplicationDialog = ({
  opened,
  onClose,
}: {
  readonly opened: boolean
  readonly onClose: () => void
}) => {
  const [kind, setKind] = useState<string>('confidential')
  const [, navigate] = useLocation()
  return (
    <Modal opened={opened} onClose={onClose} title="Add application" size="lg">
      <Radio.Group
        aria-label="Type of application"
        value={kind}
        onChange={setKind}
        name="application-type"
      >
        <Stack gap="sm">
          {kinds.map(({ value, label, description }) => (
            <div key={value} className="choice" data-chosen={kind === value}>
              <Radio value={value} label={label} description={description} />
            </div>
          ))}
        </Stack>
      </Radio.Group>
      {kind === 'mobile' ? (
        <Alert mt="md" color="yellow" icon={<IconInfoCircle />} title="No client credentials">
          A Mobile Application has no client secret and cannot use the Client Credentials grant.
          Choose Confidential Application for a program that asks for tokens of its own.
        </Alert>
      ) : null}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button data-autofocus onClick={() => navigate(`/applications/add/${kind}`)}>
          Launch workflow
        </Button>
      </Group>
    </Modal>
  )
}
