import { describe, expect, test } from 'vitest'
import { compressionOptionsSchema, defaultOptions } from '../../codec/index.ts'
import { optionNames, optionParameters, optionsFromJson, optionsFromParameters } from './flat.ts'

describe('optionsFromParameters', () => {
  test('is undefined without options', () => {
    expect(optionsFromParameters({ name: 'x.jpg', format: undefined })).toBeUndefined()
  })

  test('puts every parameter into its block, whatever its case, with the defaults around it', () => {
    const options = optionsFromParameters({
      format: 'webp',
      quality: '80',
      maxWidth: '100',
      level: '3',
      minSavingsPercent: '0',
    })
    expect(options).toEqual({
      images: { ...defaultOptions.images, format: 'WebP', quality: 80, resize: { maxWidth: 100 } },
      data: { ...defaultOptions.data, level: 3 },
      minSavingsPercent: 0,
    })
  })

  test.for([
    [{ quality: '101' }, 'quality'],
    [{ quality: 'high' }, 'quality'],
    [{ quality: '80', targetQuality: '70' }, 'targetQuality'],
    [{ format: 'bmp' }, 'format'],
    [{ maxWidth: '0' }, 'maxWidth'],
    [{ codec: 'gzip', level: '12' }, 'level'],
  ] as const)('names the parameter that is wrong in %j', ([given, parameter]) => {
    expect(() => optionsFromParameters(given)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        faults: [expect.objectContaining({ parameter })],
      }),
    )
  })
})

test('there is a parameter for every option, and none besides', () => {
  const { images, data, ...rest } = compressionOptionsSchema.shape
  const { resize, ...imageOptions } = images.unwrap().shape
  const names = [resize.unwrap().shape, imageOptions, data.unwrap().shape, rest].flatMap((shape) =>
    Object.keys(shape),
  )
  expect(optionNames.toSorted()).toEqual(names.toSorted())
  expect(Object.keys(optionParameters).toSorted()).toEqual(names.toSorted())
})

test('options as JSON that name no class mean all of them', () => {
  expect(optionsFromJson({})).toEqual(defaultOptions)
  expect(optionsFromJson({ minSavingsPercent: 1 })).toEqual({ ...defaultOptions, minSavingsPercent: 1 })
})

test('options as JSON are checked by the same schema, and say what there is', () => {
  expect(optionsFromJson({ images: {} })).toEqual({ images: defaultOptions.images, minSavingsPercent: 5 })
  expect(() => optionsFromJson({ images: { formt: 'x' } })).toThrow(
    'options.images: unknown: "formt"; there are format, preset',
  )
})
