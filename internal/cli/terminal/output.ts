import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

/** A stream people or programs read: standard output or standard error. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** How parts of a text are set off: by colours on terminals, not at all in files. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
}

type Format = Parameters<typeof styleText>[0]

/** The style a stream can show. NO_COLOR, NODE_DISABLE_COLORS and TERM=dumb are heeded. */
export function styleFor(output: Output): Style {
  const stream = output as WriteStream
  const styled = (format: Format) => (text: string) =>
    output.isTTY === true ? styleText(format, text, { stream }) : text
  return { bold: styled('bold'), dim: styled('dim'), red: styled('red'), green: styled('green') }
}

export const plainStyle: Style = {
  bold: (text) => text,
  dim: (text) => text,
  red: (text) => text,
  green: (text) => text,
}
