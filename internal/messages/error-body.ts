import { z } from 'zod'
import { type ErrorCode, errorCodes } from '../errors/index.ts'

const errorCodeSchema = z.custom<ErrorCode>((value) => typeof value === 'string' && value in errorCodes, {
  message: 'not a known error code',
})

export const errorBodySchema = z.object({ code: errorCodeSchema, message: z.string() })
