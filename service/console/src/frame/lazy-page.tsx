import { type ComponentType, useEffect, useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'

const missing = new Error(
  'This page could not be fetched: nothing answers, or the server was updated meanwhile.',
)

const reload = (): void => window.location.reload()

/** A page whose program the browser fetches when somebody first opens it. */
export const lazyPage = <Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> => {
  let loaded: ComponentType<Props> | null = null
  return (props) => {
    const [Page, setPage] = useState(() => loaded)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      if (Page !== null) return
      load().then(
        (component) => {
          loaded = component
          setPage(() => component)
        },
        () => setFailed(true),
      )
    }, [Page])
    if (failed) return <FaultNotice fault={missing} retry={reload} />
    return Page === null ? <Loading height={240} /> : <Page {...props} />
  }
}
