import '@mantine/core/styles.css'
import './frame/console.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Console } from './frame/console.tsx'

const root = document.getElementById('console')
if (root === null) throw new Error('index.html has no place for the console')
createRoot(root).render(
  <StrictMode>
    <Console />
  </StrictMode>,
)
