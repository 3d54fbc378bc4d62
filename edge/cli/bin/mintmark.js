#!/usr/bin/env node
// In the tree before anything is built, so that npm links the command on a fresh clone too. Plain
// enough for any Node, so that an old one is told what is wrong instead of failing somewhere.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `✖ mintmark needs Node 24.7 or newer; this is ${process.versions.node} (${process.execPath}).`,
  )
  process.exit(1)
}
await import('../dist/bundle/main.js')
