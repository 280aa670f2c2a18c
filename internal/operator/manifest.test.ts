import { expect, it } from 'vitest'
import { examples, exampleText } from './crd/index.ts'
import { readManifest } from './manifest.ts'

const text = (name: string) => {
  const example = examples.find((one) => one.name === name)
  if (example === undefined) throw new Error(`there is no example ${name}`)
  return exampleText(example)
}

it('reads a job over a bucket as the operator does', () => {
  expect(readManifest(text('deadline'))).toMatchObject({
    name: 'deadline',
    source: { bucket: 'catalogue', prefix: '', endpoint: 'https://s3.eu.example.com' },
    output: { bucket: 'catalogue-avif', prefix: '', endpoint: 'https://s3.eu.example.com' },
    filter: { include: [], minSize: 10_240, storageClasses: ['STANDARD'] },
    keyTemplate: '{path}{newext}',
    onExisting: 'Overwrite',
    options: { images: { format: 'AVIF', targetQuality: 80, metadata: 'Keep' } },
  })
})

it.each([
  ['is no YAML', 'a: [', /Flow sequence/],
  ['is something else', 'kind: Pod', /^apiVersion: /],
  [
    'has a wrong field',
    text('bucket').replace('images: {}', 'images: {format: BMP}'),
    /^spec\.compression\.images\.format: /,
  ],
  ['takes uploads', text('ingest'), /output is missing/],
  ['reads addresses', text('urls'), /not there yet/],
])('says what is wrong with one that %s', (_, manifest, message) => {
  expect(() => readManifest(manifest)).toThrow(message)
})
