import { Button } from '@mantine/core'
import type { ReactNode } from 'react'

/** Fetches the page behind those that are shown; nothing where there is none. */
export const NextPage = ({
  of,
  children,
}: {
  /** A query that reads page by page. */
  readonly of: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    fetchNextPage(): unknown
  }
  readonly children: ReactNode
}) =>
  of.hasNextPage ? (
    <Button
      mt="md"
      variant="light"
      loading={of.isFetchingNextPage}
      onClick={() => of.fetchNextPage()}
    >
      {children}
    </Button>
  ) : null
