import { type Compressed, type CompressionOptions, engineVersion, identityHash } from '../codec/index.ts'
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
  const stored: StoredOutput[] = []
  for (const [index, output] of outputs.entries()) {
    const { path, ...info } = output
    if (path === context.inputPath) {
      stored.push({ ...info, key: context.object.key, etag: context.input.etag })
      continue
    }
    const key = outputKey(context, index)
    const { etag } = await objects.putFile(key, path, {
      signal,
      size: info.bytes,
      attributes: {
        contentType: info.type,
        ...(info.contentEncoding && { contentEncoding: info.contentEncoding }),
        metadata: { sha256: info.sha256, 'kompressor-identity': identityOf(context) },
      },
    })
    stored.push({ ...info, key, etag })
  }
  return { ...result, outputs: stored }
}

function outputKey(context: OutputContext, index: number): string {
  const key = `out/${context.tenantId}/${context.fileId}/${identityOf(context)}`
  return index === 0 ? key : `${key}-${index}`
}

function identityOf({ object, input, options }: OutputContext): string {
  return identityHash({
    bucket: '',
    key: object.key,
    version: input.etag,
    options,
    engineVersion: engineVersion(),
  })
}
