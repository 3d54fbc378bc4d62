import { relativeTime } from './relative-time.ts'

/** A time as people say it; exactly, for who points at it. */
export const Moment = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={new Date(at).toLocaleString()}>
    {relativeTime(at, Date.now())}
  </time>
)
