import { Loading } from '../parts/loading.tsx'
import './access-map.css'
import {
  Anchor,
  Button,
  Code,
  Drawer,
  NativeSelect,
  SegmentedControl,
  Text,
  TextInput,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { Link } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { csvOf, saveFile } from '../parts/save-file.ts'
import { useFilters } from '../parts/use-filters.ts'
import { type AccessMap, nameOf, readMap } from './access-map.ts'
import { drawnSvg, MapDrawing } from './map-drawing.tsx'
import { layOut, type MapNode } from './map-layout.ts'
import { MapTable, rowsOf } from './map-table.tsx'

const names = ['app', 'api', 'status', 'use', 'tag'] as const

const Filters = () => {
  const [filters, change] = useFilters()
  const [app, setApp] = useState(filters.get('app') ?? '')
  const [api, setApi] = useState(filters.get('api') ?? '')
  const [tag, setTag] = useState(filters.get('tag') ?? '')
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    change({ app: app.trim(), api: api.trim(), tag: tag.trim() })
  }
  return (
    <search>
      <form className="toolbar" onSubmit={submit}>
        <TextInput
          className="search"
          label="Application"
          placeholder="Name, client ID or id"
          value={app}
          onChange={(event) => setApp(event.currentTarget.value)}
        />
        <TextInput
          className="search"
          label="API"
          placeholder="Name, audience or id"
          value={api}
          onChange={(event) => setApi(event.currentTarget.value)}
        />
        <TextInput
          label="Tag"
          placeholder="key or key=value"
          value={tag}
          onChange={(event) => setTag(event.currentTarget.value)}
        />
        <NativeSelect
          label="Status"
          value={filters.get('status') ?? ''}
          onChange={(event) => change({ status: event.currentTarget.value })}
          data={[
            { value: '', label: 'All' },
            { value: 'active', label: 'Active' },
            { value: 'inactive', label: 'Inactive' },
          ]}
        />
        <NativeSelect
          label="Use"
          value={filters.get('use') ?? ''}
          onChange={(event) => change({ use: event.currentTarget.value })}
          data={[
            { value: '', label: 'Everything granted' },
            { value: 'day', label: 'Used in 24 hours' },
            { value: 'month', label: 'Used in 30 days' },
            { value: 'unused', label: 'Granted, unused' },
          ]}
        />
        <Button type="submit" variant="light">
          Filter
        </Button>
      </form>
    </search>
  )
}

/** What a node stands for, and where to go from it. */
const Side = ({ map, node }: { readonly map: AccessMap; readonly node: MapNode }) => {
  const applications = new Map(map.applications.map((each) => [each.id, each]))
  const apis = new Map(map.apis.map((each) => [each.id, each]))
  const shown = map.access.filter((given) =>
    node.column === 0
      ? node.members.includes(given.application)
      : node.members.includes(given.api) &&
        (node.column === 2 || node.label === nameOf(given) || node.label.startsWith('Scopes and')),
  )
  return (
    <ul className="steps">
      {shown.slice(0, 100).map((given) => {
        const application = applications.get(given.application)
        const api = apis.get(given.api)
        const [scope = ''] = given.scopes
        const wish = new URLSearchParams({
          client: application?.clientId ?? '',
          scope: scope === '' ? '' : `${api?.audience ?? ''}${scope}`,
        })
        return (
          <li key={[given.application, given.api, given.kind, given.name].join(' ')}>
            <span aria-hidden>→</span>
            <Text size="sm" component="div" className="breakable">
              <Anchor component={Link} size="sm" href={`/applications/${given.application}`}>
                {application?.displayName}
              </Anchor>{' '}
              – {nameOf(given)} – {api?.displayName}
              <br />
              <Anchor component={Link} size="xs" href={`/explain?${wish}`}>
                Explain
              </Anchor>
            </Text>
          </li>
        )
      })}
    </ul>
  )
}

const Shown = ({ map }: { readonly map: AccessMap }) => {
  const [filters, change] = useFilters()
  const [opened, setOpened] = useState<MapNode | null>(null)
  const isTable = filters.get('view') === 'table'
  const graph = layOut(map)
  return (
    <>
      <div className="toolbar">
        <SegmentedControl
          aria-label="View"
          value={isTable ? 'table' : 'map'}
          onChange={(view) => change({ view: view === 'table' ? 'table' : '' })}
          data={[
            { value: 'map', label: 'Map' },
            { value: 'table', label: 'Table' },
          ]}
        />
        <Button
          variant="default"
          disabled={isTable}
          onClick={() => saveFile('access-map.svg', 'image/svg+xml', drawnSvg())}
        >
          Export SVG
        </Button>
        <Button
          variant="default"
          onClick={() => {
            const head = [
              'Application',
              'Client ID',
              'Was given',
              'API',
              'Last used',
              'Tokens in 24 h',
            ]
            saveFile('access-map.csv', 'text/csv', csvOf([head, ...rowsOf(map)]))
          }}
        >
          Export CSV
        </Button>
      </div>
      <Text size="sm" c="dimmed" mb="sm" role="status">
        {map.access.length} grants of {map.applications.length} applications
        {graph.grouped && !isTable ? ', drawn in groups' : ''}
        {map.cursor === null ? '' : '; there are more applications: filter'}. Solid lines were used
        since {new Date(map.usedSince).toLocaleString()}, the thick ones most in 24 hours; uses
        before are not known.
      </Text>
      {isTable ? <MapTable map={map} /> : <MapDrawing graph={graph} onOpen={setOpened} />}
      <Drawer opened={opened !== null} onClose={() => setOpened(null)} title={opened?.label}>
        {opened === null ? null : <Side map={map} node={opened} />}
      </Drawer>
    </>
  )
}

/** Which applications were given what of which APIs, and whether they use it. */
export const AccessMapPage = () => {
  const [filters] = useFilters()
  const wanted = Object.fromEntries(names.map((name) => [name, filters.get(name) ?? '']))
  const query = useQuery({ queryKey: ['access', 'map', wanted], queryFn: () => readMap(wanted) })
  return (
    <>
      <PageHead
        title="Access map"
        lead="Which applications were given what of which APIs, and whether they use it."
      />
      <Filters />
      {query.isPending ? <Loading height={300} /> : null}
      {query.isError ? <FaultNotice fault={query.error} retry={() => query.refetch()} /> : null}
      {query.data === undefined ? null : query.data.access.length === 0 ? (
        <div className="card empty" role="status">
          <Text fw={600}>Nothing was given, or nothing fits these filters</Text>
          <Text size="sm" c="dimmed" mt={4} mb="sm">
            An application is given scopes and app roles on its page, or with
          </Text>
          <Code>mintmark app grant APP API SCOPE</Code>
        </div>
      ) : (
        <Shown map={query.data} />
      )}
    </>
  )
}
