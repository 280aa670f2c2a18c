import { expect, it } from 'vitest'
import { examples, exampleText, yamlText } from './crd/index.ts'
import { readManifest } from './manifest.ts'

const text = (name: string) => {
  const example = examples.find((one) => one.name === name)
  if (example === undefined) throw new Error(`there is no example ${name}`)
  return exampleText(example)
}

it('reads a job over a bucket as the operator does', () => {
  expect(readManifest(text('deadline'))).toMatchObject({
    name: 'deadline',
    source: { bucket: 'catalogue', prefix: '' },
    from: { bucket: 'catalogue', endpoint: 'https://s3.eu.example.com' },
    output: { bucket: 'catalogue-avif', prefix: '', endpoint: 'https://s3.eu.example.com' },
    reads: { kind: 'prefix', filter: { include: [], minSize: 10_240, storageClasses: ['STANDARD'] } },
    keyTemplate: '{path}{newext}',
    onExisting: 'Overwrite',
    options: { images: { format: 'AVIF', targetQuality: 80, metadata: 'Keep' } },
    asks: { requestsPerSecond: 3000, bytesPerSecond: 250_000_000 },
  })
})

it('reads lists of addresses, those of a ConfigMap beside it too', () => {
  const list = 'image_url,sku\nhttps://a.example/b.jpg,one\n'
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'image-list' },
    data: { 'images.csv': list },
  }
  for (const file of [
    `${text('csv')}---\n${yamlText(configMap)}`,
    `${yamlText(configMap)}---\n${text('csv')}`,
  ]) {
    expect(readManifest(file)).toMatchObject({
      source: { bucket: '', prefix: '' },
      reads: {
        kind: 'csv',
        rules: { header: true, delimiter: ',', columns: { url: 'image_url', key: 'sku' } },
      },
      listText: list,
      output: { bucket: 'shop', prefix: 'images/' },
    })
  }
  expect(readManifest(text('urls'))).toMatchObject({
    reads: {
      kind: 'urls',
      urls: ['https://example.com/a.jpg', 'https://example.com/b.png', 'https://example.com/c.csv'],
    },
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
  ['reads a list that is not there', text('csv'), /no ConfigMap image-list with key images\.csv in the file/],
])('says what is wrong with one that %s', (_, manifest, message) => {
  expect(() => readManifest(manifest)).toThrow(message)
})
