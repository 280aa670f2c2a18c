import { join } from 'node:path'
import { keyToNames, toByteString } from './key-path.ts'

/**
 * Where things lie under the root:
 *
 *     blobs/ab/ab12…      the bytes of one object, written once, never changed
 *     keys/a+/b.jpg=      the pointer of key `a/b.jpg`: JSON that names its blob and carries its attributes
 *     pending/ab12…       this blob may belong to nobody: look at the pointer of the key named inside
 *     uploads/ab12…/      an upload in parts: upload.json says of what, and there is a file for each part
 */
export class Layout {
  readonly blobs: string
  readonly keys: string
  readonly pending: string
  readonly uploads: string

  constructor(root: string) {
    this.blobs = join(root, 'blobs')
    this.keys = join(root, 'keys')
    this.pending = join(root, 'pending')
    this.uploads = join(root, 'uploads')
  }

  blob(id: string): string {
    return join(this.blobs, id.slice(0, 2), id)
  }

  pointer(key: string): string {
    return join(this.keys, ...keyToNames(toByteString(key)))
  }

  marker(id: string): string {
    return join(this.pending, id)
  }
}
