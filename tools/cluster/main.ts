/**
 * Starts a Kubernetes control plane on this machine, or with --node a node as well, on which pods run, and keeps it until
 * it is interrupted.
 *
 *     npm run cluster
 *     npm run cluster -- --node            as root; pods can use localhost/kompressor:dev, built from this folder
 *     KUBECONFIG=… kubectl get ns          (the line it prints)
 */
import { once } from 'node:events'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startControlPlane } from './control-plane.ts'
import { buildApplication, hostAddress, notNode, startNode } from './node/index.ts'

const { values } = parseArgs({ options: { node: { type: 'boolean', default: false } } })
const say = (line: string) => process.stderr.write(`${line}\n`)
const options = { env: process.env, say }
const started = performance.now()

async function start() {
  if (!values.node) return await startControlPlane(options)
  const node = await startNode(options)
  await buildApplication(node, path.join(import.meta.dirname, '../..'), 'localhost/kompressor:dev', options)
  say(`pods reach what runs here at ${hostAddress}`)
  return node
}

const hindrance = values.node ? await notNode() : undefined
if (hindrance === undefined) {
  const cluster = await start()
  say(`ready after ${((performance.now() - started) / 1000).toFixed(1)} s; logs in ${cluster.folder}/log`)
  process.stdout.write(`export KUBECONFIG=${cluster.kubeconfig}\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await cluster.stop()
} else {
  say(hindrance)
  process.exitCode = 1
}
