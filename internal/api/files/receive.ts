import type { IncomingMessage } from 'node:http'
import type { CompressionOptions } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import { nameFromDisposition } from '../content/disposition.ts'
import { optionNames, optionsFromJson, optionsFromParameters } from '../options/flat.ts'
import { statedDigest } from './digest.ts'
import { type FilePart, readForm } from './form.ts'
import { checkName, quoteName } from './name.ts'
import { declaredType, type Received, type Sink, tooLarge } from './upload.ts'

/** What became of one file of a request. */
export type Arrival = { name: string } & (Received | { error: KompressorError })

export interface Arrivals {
  /** False for a form with several files, whose answer is a list. */
  single: boolean
  files: Arrival[]
  /** From the fields of a form. */
  options?: CompressionOptions
}

interface ReceiveOptions {
  sink: Sink
  maxFileBytes: number
  /** From the query. */
  name?: string | undefined
  sha256?: string | undefined
}

/** A connection that is silent for this long in the middle of a body is given up. */
const idleMs = 60_000

/** Takes the files of a request from the wire to the sink. Throws when the request as a whole is no good. */
export async function receive(incoming: IncomingMessage, options: ReceiveOptions): Promise<Arrivals> {
  const { 'content-type': type = '', 'content-length': length = '0' } = incoming.headers
  const isForm = /^multipart\/form-data\b/i.test(type)
  const { maxFileBytes } = options
  // Before a byte is read. What a form adds to its files is counted when it comes.
  if (!isForm && Number(length) > maxFileBytes) throw tooLarge(options.name ?? 'the body', maxFileBytes)
  incoming.setTimeout(idleMs)
  try {
    return await (isForm ? receiveForm(incoming, options) : receiveRaw(incoming, options))
  } finally {
    incoming.setTimeout(0)
  }
}

async function receiveRaw(
  incoming: IncomingMessage,
  { sink, name, sha256 }: ReceiveOptions,
): Promise<Arrivals> {
  const { headers } = incoming
  const given = name ?? nameFromDisposition(headers['content-disposition']) ?? 'file'
  const checked = requireName(given)
  const type = declaredType(headers['content-type'])
  const expected = sha256 ?? statedDigest(headers)
  const received = await sink.take({
    name: checked,
    source: incoming,
    ...(type !== undefined && { type }),
    ...(expected !== undefined && { sha256: expected }),
  })
  return { single: true, files: [{ name: checked, ...received }] }
}

async function receiveForm(
  incoming: IncomingMessage,
  { sink, maxFileBytes, name, sha256 }: ReceiveOptions,
): Promise<Arrivals> {
  if (name !== undefined || sha256 !== undefined) {
    throw new KompressorError('invalid_request', 'name and sha256 are for single files; a form names its own')
  }
  let options: CompressionOptions | undefined
  const taken: Received[] = []
  const onFile = async (
    { filename, type: header, source }: FilePart,
    fields: ReadonlyMap<string, string>,
  ): Promise<Arrival> => {
    options ??= optionsFromFields(fields)
    const type = declaredType(header)
    try {
      const checked = requireName(filename)
      const received = await sink.take({ name: checked, source, ...(type !== undefined && { type }) })
      taken.push(received)
      return { name: checked, ...received }
    } catch (error) {
      // A cut ends the whole form; anything else is between this file and us.
      if (!(error instanceof KompressorError) || error.code === 'upload_incomplete') throw error
      return { name: filename, error }
    }
  }
  try {
    const files = await readForm(incoming, { maxBytes: maxFileBytes, onFile })
    if (files.length === 0) throw new KompressorError('invalid_request', 'the form has no file')
    return { single: files.length === 1, files, ...(options && { options }) }
  } catch (error) {
    await sink.forget(taken)
    throw error
  }
}

function requireName(given: string): string {
  const checked = checkName(given)
  if ('name' in checked) return checked.name
  throw new KompressorError('invalid_name', `the name ${quoteName(given)} ${checked.problem}`)
}

function optionsFromFields(fields: ReadonlyMap<string, string>): CompressionOptions | undefined {
  const unknown = [...fields.keys()].find((name) => name !== 'options' && !optionNames.includes(name))
  if (unknown !== undefined) {
    const known = ['options', ...optionNames].join(', ')
    throw new KompressorError('invalid_request', `unknown field ${quoteName(unknown)}; there are ${known}`)
  }
  const json = fields.get('options')
  if (json === undefined) return optionsFromParameters(Object.fromEntries(fields))
  if (fields.size > 1)
    throw new KompressorError('invalid_request', 'give options as JSON or one by one, not both')
  return optionsFromJson(parse(json))
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new KompressorError('malformed_json', 'the field options is not JSON', { cause: error })
  }
}
