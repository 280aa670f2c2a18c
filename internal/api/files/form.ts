import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import { boundedStream, ignore } from '../http/bounded.ts'
import { discardRest } from '../http/linger.ts'

/** Files of one form. */
const mostFiles = 100
/** Bytes of one field: options as JSON are a few hundred. */
const maxFieldBytes = 64 * 1024
/** Fields and headers of parts, on top of the files. */
const overheadBytes = 1024 * 1024

export interface FilePart {
  filename: string
  type: string
  source: Readable
}

interface FormOptions<T> {
  /** Bytes of all files together. */
  maxBytes: number
  /** Takes one file; the fields are those that came before it. Its rejection refuses the whole form. */
  onFile: (part: FilePart, fields: ReadonlyMap<string, string>) => Promise<T>
}

/**
 * Reads a multipart form as it arrives, handing each file on as a stream. Throws invalid_request for a form that cannot be
 * read, upload_incomplete for one that was cut, file_too_large, or what `onFile` threw; never before every `onFile` has
 * ended.
 */
export async function readForm<T>(
  incoming: IncomingMessage,
  { maxBytes, onFile }: FormOptions<T>,
): Promise<T[]> {
  const form = openForm(incoming)
  const fields = new Map<string, string>()
  const files: Promise<T>[] = []
  const refuse = (message: string) => form.destroy(new KompressorError('invalid_request', message))
  form.on('field', (name, value, { valueTruncated }) => {
    if (files.length > 0) refuse(`the field ${name} must come before the files`)
    else if (valueTruncated) refuse(`the field ${name} is too long`)
    else if (fields.has(name)) refuse(`the field ${name} is there twice`)
    else fields.set(name, value)
  })
  form.on('file', (_field, source, { filename, mimeType }) => {
    const part = { filename: filename ?? '', type: mimeType, source }
    // A form that breaks off breaks its open file too; the form's own error is the one that is reported.
    source.on('error', ignore)
    const file = onFile(part, fields).finally(() => discardRest(source))
    file.catch((error: unknown) => form.destroy(toKompressorError(error)))
    files.push(file)
  })
  form.on('filesLimit', () => refuse(`a form may have ${mostFiles} files; send several forms`))
  form.on('fieldsLimit', () => refuse('the form has too many fields'))
  const refusal = () =>
    new KompressorError('file_too_large', `the form has more than ${maxBytes} bytes, the limit`)
  const body = boundedStream(incoming, { maxBytes: maxBytes + overheadBytes, refusal })
  try {
    await pipeline(body, form)
  } catch (error) {
    await Promise.allSettled(files)
    throw error instanceof KompressorError
      ? error
      : new KompressorError('invalid_request', 'the form cannot be read', { cause: error })
  }
  return Promise.all(files)
}

function openForm(incoming: IncomingMessage): busboy.Busboy {
  try {
    return busboy({
      headers: incoming.headers,
      // Folders that a browser uploads have their names in the file names.
      preservePath: true,
      defParamCharset: 'utf8',
      limits: { files: mostFiles, fields: 50, fieldSize: maxFieldBytes },
    })
  } catch (error) {
    throw new KompressorError('invalid_request', 'the form has no boundary', { cause: error })
  }
}
