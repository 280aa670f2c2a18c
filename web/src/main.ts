import { firstPaint, listenEarly } from './early/index.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

const early = listenEarly()
await firstPaint()
const { start } = await import('./app/start.tsx')
await start(root, early)
