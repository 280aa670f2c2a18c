import { describe, expect, it } from 'vitest'
import { KompressorError } from '../errors/index.ts'
import { createLogger, type LoggerOptions } from './index.ts'

function capture(options: Partial<LoggerOptions> & { isTTY?: boolean } = {}) {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line), isTTY: options.isTTY ?? false }
  const logger = createLogger({ level: 'info', format: 'auto', destination, ...options })
  return { logger, lines, parsed: () => lines.map((line): Record<string, unknown> => JSON.parse(line)) }
}

describe('createLogger', () => {
  it('writes one JSON object a line, with the ids of its child', () => {
    const { logger, parsed } = capture()
    logger.child({ batchId: 'b1' }).child({ fileId: 'f1' }).info({ bytes: 3 }, 'accepted')
    expect(parsed()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        batchId: 'b1',
        fileId: 'f1',
        bytes: 3,
        msg: 'accepted',
      },
    ])
  })

  it('writes nothing below its level', () => {
    const { logger, lines } = capture({ level: 'warn' })
    logger.info('hidden')
    logger.warn('shown')
    expect(lines).toHaveLength(1)
  })

  it('writes errors with code, stack and causes, however they are passed', () => {
    const { logger, parsed } = capture()
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    const error = new KompressorError('storage_full', 'cannot write', { cause })
    logger.error({ error }, 'put failed')
    logger.error(error)
    logger.error({ err: error })
    const described = {
      type: 'KompressorError',
      code: 'storage_full',
      message: 'cannot write',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { type: 'Error', code: 'ENOSPC', message: 'no space', stack: expect.any(String) },
    }
    expect(parsed().map((line) => line.error ?? line.err)).toEqual([described, described, described])
  })

  it('ends at a cause that is its own cause, and accepts what is no error', () => {
    const { logger, lines, parsed } = capture()
    const endless = new Error('again')
    endless.cause = endless
    logger.error({ error: endless })
    logger.error({ error: 'just text' })
    expect(lines).toHaveLength(2)
    expect(parsed()[1]?.error).toEqual({ type: 'string', message: 'just text' })
  })

  it.each([
    ['http://h/objects/a?expires=1&signature=SECRET&size=3', 'signature=***&size=3'],
    [
      'https://b.s3/x?X-Amz-Credential=SECRET&X-Amz-Signature=SECRET',
      'X-Amz-Credential=***&X-Amz-Signature=***',
    ],
    ['postgres://user:SECRET@db/kompressor', 'postgres://***@db/kompressor'],
  ])('hides the secrets of %s wherever they stand', (url, shown) => {
    for (const format of ['json', 'pretty'] as const) {
      const { logger, lines } = capture({ format })
      logger.error({ url, error: new Error(`GET ${url} failed`) }, `asked for ${url}`)
      const text = lines.join('')
      expect(text).not.toContain('SECRET')
      expect(text).toContain(shown)
    }
  })

  it('writes for people on a terminal and JSON elsewhere', () => {
    const terminal = capture({ isTTY: true })
    terminal.logger.info({ fileId: 'f1' }, 'accepted')
    expect(terminal.lines.join('')).toMatch(/INFO.*accepted/)
    const piped = capture({ isTTY: false, format: 'pretty' })
    piped.logger.info('accepted')
    expect(piped.lines.join('')).toMatch(/^\[[\d:.]+\] INFO: accepted\n$/)
  })
})
