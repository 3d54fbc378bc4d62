import { readFileSync } from 'node:fs'

const lockFile = new URL('../../package-lock.json', import.meta.url)

/** Every package that is installed with the server or built into the console, with its licence. */
const shippedPackages = () => {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'))
  // only tests of this repository install these
  const ours = Object.keys(packages[''].optionalDependencies ?? {})
  return Object.entries(packages)
    .filter(([path]) => !ours.some((name) => path === `node_modules/${name}`))
    .filter(([path, { dev, devOptional, link }]) => {
      return path.includes('node_modules/') && !dev && !devOptional && !link
    })
    .map(([path, { version, license, optional }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      license: license ?? 'not stated',
      ...(optional ? { optional } : {}),
    }))
}

/** Writes them beside the pages: what is shown is what was locked when this was built. */
export const tellShippedPackages = () => ({
  name: 'tell-shipped-packages',
  generateBundle() {
    const source = JSON.stringify(shippedPackages())
    this.emitFile({ type: 'asset', fileName: 'packages.json', source })
  },
})
