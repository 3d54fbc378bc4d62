import { Badge } from '@mantine/core'
import { IconCircleCheck, IconCircleMinus } from '@tabler/icons-react'

/** Never by colour alone. */
export const StateBadge = ({ active }: { readonly active: boolean }) =>
  active ? (
    <Badge color="teal" variant="light" leftSection={<IconCircleCheck size={14} />}>
      Active
    </Badge>
  ) : (
    <Badge color="gray" variant="light" leftSection={<IconCircleMinus size={14} />}>
      Inactive
    </Badge>
  )
