import path from 'node:path'
import type { BuildOptions } from '../parts.ts'
import { createImages } from './images.ts'
import type { NodeCluster } from './start.ts'

/** Builds the image of a Dockerfile's folder and lets the pods of a node use it. The tag is anything but `latest`. */
export async function buildApplication(
  node: NodeCluster,
  context: string,
  tag: string,
  options: BuildOptions,
): Promise<void> {
  options.say(`building ${tag}: about a minute, less when only sources have changed`)
  const file = path.join(node.folder, 'application.tar')
  await node.importImage(await createImages(options).application(context, tag, file))
}
