import { writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import sharp from 'sharp'
import { compressFile } from '../compress-file.ts'
import { initImages } from '../images/index.ts'
import { serveParent } from './child-loop.ts'
import { measure } from './measure.ts'

/** The program of a child: what every slot runs. */

// Should the kernel have to end something, then this process before the one that knows what is going on.
try {
  writeFileSync('/proc/self/oom_score_adj', '1000')
} catch {
  // Other systems have no such file and sandboxes may guard it: the kernel then chooses by size, as it always did.
}
initImages()
// Loads libvips, its encoders and the thread pool now, in a child's spare time, instead of within its first file.
await sharp({ create: { width: 16, height: 16, channels: 3, background: 'grey' } })
  .jpeg()
  .toBuffer()
// A child is killed, never asked to leave, and Node keeps compiled code only when a process ends by itself.
flushCompileCache()

serveParent({ measure, compress: (request, look) => compressFile(request, { look }) })
