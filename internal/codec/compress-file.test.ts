import { describe, expect, it } from 'vitest'
import { fixtures } from '../../test/fixtures/index.ts'
import { useWorkspace } from '../../test/fixtures/workspace.ts'

describe('compressFile', () => {
  const { compress, compressPath } = useWorkspace()

  it('fails a file without bytes as empty_file', async () => {
    await expect(compress(Buffer.alloc(0), { name: 'nothing.jpg' })).rejects.toMatchObject({
      code: 'empty_file',
      message: expect.stringContaining('nothing.jpg'),
    })
  })

  it('fails a file over the size limit as file_too_large, before reading it', async () => {
    await expect(compress(fixtures.log(), { limits: { maxBytes: 1000 } })).rejects.toMatchObject({
      code: 'file_too_large',
    })
  })

  it('fails an absent file as input_missing', async () => {
    await expect(compressPath('/nowhere/at/all')).rejects.toMatchObject({ code: 'input_missing' })
  })

  it('skips images when only data is selected, and data when only images are', async () => {
    const photo = await fixtures.photo()
    const image = await compress(photo, { images: undefined })
    expect(image).toMatchObject({
      outcome: 'skipped',
      reason: 'class_not_selected',
      type: 'image/jpeg',
      outputs: [],
    })
    const data = await compress(fixtures.log(), { data: undefined })
    expect(data).toMatchObject({
      outcome: 'skipped',
      reason: 'class_not_selected',
      bytesOut: 65_536,
      written: 0,
    })
  })

  it.each(['heic', 'jxl', 'dng', 'avifSequence', 'apng'] as const)(
    'skips %s as unsupported_image',
    async (kind) => {
      const trial = await compress(fixtures.foreign[kind]())
      expect(trial).toMatchObject({ outcome: 'skipped', reason: 'unsupported_image', written: 0 })
    },
  )

  it.each(['svg', 'pdf', 'elf'] as const)('compresses %s as data', async (kind) => {
    const bytes = fixtures.foreign[kind]()
    const trial = await compress(bytes, { name: `file.${kind}` })
    expect(trial).toMatchObject({ outcome: 'compressed', bytesIn: bytes.length })
    expect(trial.outputs[0]?.name).toBe(`file.${kind}.zst`)
  })

  it('goes by the content, not the name', async () => {
    const trial = await compress(await fixtures.photo({ width: 640, height: 480 }), { name: 'malware.exe' })
    expect(trial).toMatchObject({ outcome: 'compressed', type: 'image/jpeg' })
    expect(trial.outputs[0]).toMatchObject({ name: 'malware.exe', type: 'image/jpeg' })
  })

  it('appends an extension only when the type changes', async () => {
    const png = await fixtures.graphic()
    const webp = await compress(png, { name: 'chart.png', images: { format: 'WebP' } })
    expect(webp.outputs[0]?.name).toBe('chart.png.webp')
    const same = await compress(png, { name: 'chart.png' })
    expect(same.outputs[0]?.name).toBe('chart.png')
  })

  it('leaves nothing but its output behind', async () => {
    const bytes = await fixtures.graphic()
    expect(await compress(bytes, { images: { format: 'WebP' } })).toMatchObject({
      outcome: 'compressed',
      written: 1,
    })
    expect(await compress(bytes, { minSavingsPercent: 99 })).toMatchObject({
      outcome: 'kept_original',
      written: 0,
    })
  })
})
