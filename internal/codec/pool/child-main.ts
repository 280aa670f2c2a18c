import { writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { compressFile } from '../compress-file.ts'
import { serveParent } from './child-loop.ts'
import { measure } from './measure.ts'

/** The program of a child: what every slot runs. */

if (process.platform === 'linux') {
  // Should the kernel have to end something, then this process before the one that knows what is going on.
  writeFileSync('/proc/self/oom_score_adj', '1000')
}
sharp.concurrency(1)
sharp.cache(false)
// Loads libvips, its encoders and the thread pool now, in a child's spare time, instead of within its first file.
await sharp({ create: { width: 16, height: 16, channels: 3, background: 'grey' } })
  .jpeg()
  .toBuffer()

serveParent({ measure, compress: compressFile })
