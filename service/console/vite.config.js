import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { tellShippedPackages } from './shipped-packages.js'

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react(), tellShippedPackages()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // no data: URLs, no inlined modules: the policy of the pages knows files of this origin only
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
})
