import { type KeyboardEvent, useState } from 'react'
import { type MapGraph, type MapNode, pathThrough, thicknessOf } from './map-layout.ts'

const columnX = [0, 340, 680] as const
const nodeWidth = 260
const nodeHeight = 30
const rowHeight = 40
const top = 30
const labelMax = 34

const cut = (text: string): string =>
  text.length > labelMax ? `${text.slice(0, labelMax - 1)}…` : text

interface Placed extends MapNode {
  readonly x: number
  readonly y: number
}

const place = ({ nodes }: MapGraph): ReadonlyMap<string, Placed> => {
  const rows = [0, 0, 0]
  return new Map(
    nodes.map((node) => {
      const row = rows[node.column] ?? 0
      rows[node.column] = row + 1
      return [node.id, { ...node, x: columnX[node.column], y: top + row * rowHeight }]
    }),
  )
}

/** Where an arrow key leads: along a link, or up and down in the column. */
const neighbour = (graph: MapGraph, node: MapNode, key: string): string | undefined => {
  if (key === 'ArrowRight') return graph.links.find(({ from }) => from === node.id)?.to
  if (key === 'ArrowLeft') return graph.links.find(({ to }) => to === node.id)?.from
  const column = graph.nodes.filter((each) => each.column === node.column)
  const at = column.findIndex(({ id }) => id === node.id)
  if (key === 'ArrowDown') return column[at + 1]?.id
  return key === 'ArrowUp' ? column[at - 1]?.id : undefined
}

const headings = ['Applications', 'Scopes and roles', 'APIs'] as const

/** Lines from column to column; solid where it was used. */
const Links = ({
  graph,
  placed,
  path,
}: {
  readonly graph: MapGraph
  readonly placed: ReadonlyMap<string, Placed>
  /** What stands out; null: nothing does. */
  readonly path: ReadonlySet<string> | null
}) =>
  graph.links.map((link) => {
    const { from, to, used } = link
    const a = placed.get(from)
    const b = placed.get(to)
    if (a === undefined || b === undefined) return null
    const [x1, y1, x2, y2] = [a.x + nodeWidth, a.y + 15, b.x, b.y + 15]
    const isNear = path === null || (path.has(from) && path.has(to))
    return (
      <path
        key={`${from} > ${to}`}
        d={`M${x1} ${y1} C${x1 + 40} ${y1} ${x2 - 40} ${y2} ${x2} ${y2}`}
        className={`map-link${used ? ' map-used' : ''}${isNear ? '' : ' map-far'}`}
        fill="none"
        stroke="#868e96"
        strokeWidth={thicknessOf(link)}
        strokeDasharray={used ? undefined : '5 4'}
      />
    )
  })

/** Three columns; what hangs together with the node under pointer or focus stands out. */
export const MapDrawing = ({
  graph,
  onOpen,
}: {
  readonly graph: MapGraph
  readonly onOpen: (node: MapNode) => void
}) => {
  const [near, setNear] = useState<string | null>(null)
  const placed = place(graph)
  const path = near === null ? null : pathThrough(graph, near)
  const height = Math.max(0, ...[...placed.values()].map(({ y }) => y)) + rowHeight + 8
  const press = (event: KeyboardEvent, node: MapNode): void => {
    if (event.key === 'Enter' || event.key === ' ') onOpen(node)
    else {
      const next = neighbour(graph, node, event.key)
      if (next === undefined) return
      document.querySelector<SVGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus()
    }
    event.preventDefault()
  }
  return (
    <div className="table-card map-frame">
      {/* biome-ignore lint/a11y/useSemanticElements: a picture has no fieldset */}
      <svg
        className="map"
        role="group"
        aria-label="Access map"
        viewBox={`-8 0 956 ${height}`}
        width={956}
        height={height}
        xmlns="http://www.w3.org/2000/svg"
        fontFamily="sans-serif"
        fontSize="13"
      >
        {headings.map((heading, column) => (
          <text key={heading} x={columnX[column]} y={16} className="map-heading" fill="#495057">
            {heading}
          </text>
        ))}
        <Links graph={graph} placed={placed} path={path} />
        {[...placed.values()].map((node) => (
          // biome-ignore lint/a11y/useSemanticElements: a picture has no button elements
          <g
            key={node.id}
            data-node={node.id}
            role="button"
            tabIndex={0}
            aria-label={`${headings[node.column]}: ${node.label}`}
            className={`map-node${path === null || path.has(node.id) ? '' : ' map-far'}`}
            onMouseEnter={() => setNear(node.id)}
            onMouseLeave={() => setNear(null)}
            onFocus={() => setNear(node.id)}
            onBlur={() => setNear(null)}
            onClick={() => onOpen(node)}
            onKeyDown={(event) => press(event, node)}
          >
            <title>{node.label}</title>
            <rect
              x={node.x}
              y={node.y}
              width={nodeWidth}
              height={nodeHeight}
              rx={8}
              fill="#ffffff"
              stroke="#868e96"
            />
            <text x={node.x + 12} y={node.y + 20} fill="#212529">
              {cut(node.label)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  )
}

/** The picture as a file. */
export const drawnSvg = (): string => {
  const drawn = document.querySelector('svg.map')
  return drawn === null ? '' : new XMLSerializer().serializeToString(drawn)
}
