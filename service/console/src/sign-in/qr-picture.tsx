import { encode } from 'uqr'

/** Modules of white around the picture, that readers need (ISO 18004). */
const quietModules = 4

/** A text as a picture for cameras: dark on white in either scheme. */
export const QrPicture = ({ label, text }: { readonly label: string; readonly text: string }) => {
  const { data, size } = encode(text, { ecc: 'M', border: quietModules })
  const dark = data.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])),
  )
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      width={220}
      height={220}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join('')} fill="#000" />
    </svg>
  )
}
