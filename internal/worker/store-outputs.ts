import { type Compressed, type CompressionOptions, identityHasher } from '../codec/index.ts'
import type { FileResult, StoredOutput, TaskObject } from '../messages/index.ts'
import type { ObjectInfo, ObjectStore } from '../objects/index.ts'

export interface OutputContext {
  tenantId: string
  fileId: string
  object: TaskObject
  input: ObjectInfo
  inputPath: string
  options: CompressionOptions
}

/**
 * Writes what compression made to the install's own bucket and says where. The key contains the identity of the work,
 * so doing it twice writes the same bytes to the same place. An unchanged original is not copied: its upload is the
 * output.
 */
export async function storeOutputs(
  objects: ObjectStore,
  compressed: Compressed,
  context: OutputContext,
  signal: AbortSignal,
): Promise<FileResult> {
  const { outputs, ...result } = compressed
  const identity = identityOf(context)
  const stored: StoredOutput[] = []
  for (const [index, output] of outputs.entries()) {
    const { path, ...info } = output
    if (path === context.inputPath) {
      stored.push({ ...info, key: context.object.key, etag: context.input.etag })
      continue
    }
    const key = outputKey(context, identity, index)
    const { etag } = await objects.putFile(key, path, {
      signal,
      size: info.bytes,
      attributes: {
        contentType: info.type,
        ...(info.contentEncoding && { contentEncoding: info.contentEncoding }),
        metadata: { sha256: info.sha256, 'kompressor-identity': identity },
      },
    })
    stored.push({ ...info, key, etag })
  }
  return { ...result, outputs: stored }
}

function outputKey({ tenantId, fileId }: OutputContext, identity: string, index: number): string {
  const key = `out/${tenantId}/${fileId}/${identity}`
  return index === 0 ? key : `${key}-${index}`
}

function identityOf({ object, input, options }: OutputContext): string {
  return identityHasher(options)({ bucket: '', key: object.key, version: input.etag })
}
