/**
 * Starts a Kubernetes control plane on this machine and keeps it until it is interrupted.
 *
 *     npm run cluster
 *     KUBECONFIG=… kubectl get ns          (the line it prints)
 */
import { once } from 'node:events'
import { startControlPlane } from './control-plane.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)
const started = performance.now()
const plane = await startControlPlane({ env: process.env, say })
say(`ready after ${((performance.now() - started) / 1000).toFixed(1)} s; logs in ${plane.folder}/log`)
process.stdout.write(`export KUBECONFIG=${plane.kubeconfig}\n`)
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await plane.stop()
