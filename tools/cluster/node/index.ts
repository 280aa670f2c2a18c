export { buildApplication } from './application.ts'
export { hostAddress } from './network.ts'
export { notNode } from './packages.ts'
export { type NodeCluster, startNode } from './start.ts'
