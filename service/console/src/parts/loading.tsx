import { Skeleton } from '@mantine/core'

/**
 * Keeps the room of what is still on its way, and says so to those who do not see it.
 * @param height pixels
 */
export const Loading = ({ height }: { readonly height: number }) => (
  <Skeleton h={height} role="status" aria-label="Loading" />
)
