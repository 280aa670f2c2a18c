import type { CompressionOptions } from '../api/index.ts'

/*
 * The same options in the words of the other ways in: a request, a command line, a resource of Kubernetes. Each leaves
 * out what it does anyway.
 */

/** A request that compresses one file and waits for it. */
export function curlCommand(options: CompressionOptions, origin: string): string {
  const isDefault = JSON.stringify(options) === '{"images":{},"data":{}}'
  const lines = [
    "curl -H 'Prefer: wait=60'",
    ...(isDefault ? [] : [`-F ${quoted(`options=${JSON.stringify(options)}`)}`]),
    '-F file=@photo.jpg',
    quoted(`${origin}/v1/files`),
  ]
  return lines.join(' \\\n  ')
}

/** A command that compresses a folder without a service. */
export function cliCommand({ images, data }: CompressionOptions): string {
  const flags: string[] = []
  const flag = (name: string, value: string | number | undefined) => {
    if (value !== undefined) flags.push(`--${name} ${value}`)
  }
  flag('preset', images?.preset?.toLowerCase())
  flag('format', images?.format?.toLowerCase())
  flag('target-quality', images?.targetQuality)
  flag('min-score', images?.minScore)
  flag('quality', images?.quality)
  if (images?.maxBytes !== undefined) flag('max-bytes', `${images.maxBytes}B`)
  flag('max-width', images?.resize?.maxWidth)
  flag('max-height', images?.resize?.maxHeight)
  // The command line keeps all metadata when nothing is said, the API does not.
  if (images?.metadata !== 'Keep') flag('metadata', images?.metadata?.toLowerCase() ?? 'copyright')
  flag('data-codec', data?.codec?.toLowerCase())
  if (data === undefined) flags.push('--no-data')
  return ['npx kompressor run ./photos', ...flags].join(' \\\n  ')
}

/** A resource that compresses a bucket on Kubernetes. */
export function jobManifest(options: CompressionOptions): string {
  return `${[
    'apiVersion: kompressor.dev/v1alpha1',
    'kind: CompressionJob',
    'metadata:',
    '  name: photos',
    'spec:',
    '  source:',
    '    s3: {bucket: my-photos, prefix: originals/}',
    '  output:',
    '    s3: {bucket: my-photos, prefix: compressed/}',
    '  compression:',
    ...yaml(
      // Buckets keep all metadata when nothing is said, the API does not.
      { ...options, images: options.images && { metadata: 'Copyright', ...options.images } },
      '    ',
    ),
  ].join('\n')}\n`
}

function yaml(value: object, indent: string): string[] {
  return Object.entries(value).flatMap(([key, field]) => {
    if (field === undefined) return []
    if (typeof field !== 'object' || field === null) return [`${indent}${key}: ${field}`]
    if (Object.keys(field).length === 0) return [`${indent}${key}: {}`]
    return [`${indent}${key}:`, ...yaml(field, `${indent}  `)]
  })
}

/** For a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
