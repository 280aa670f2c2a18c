import { stripVTControlCharacters } from 'node:util'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Two columns: CJK, Hangul, full-width forms and pictographs. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u

function graphemeWidth(grapheme: string): number {
  return wide.test(grapheme) ? 2 : 1
}

/** Columns a text takes on a terminal; colour codes take none. */
export function textWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += graphemeWidth(segment)
  return width
}

/** The text if it fits into `columns`, else its beginning and its end around an ellipsis: names differ at either end. */
export function ellipsize(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  if (columns < 1) return ''
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment)
  const take = (source: readonly string[], room: number) => {
    const taken: string[] = []
    let used = 0
    for (const part of source) {
      used += graphemeWidth(part)
      if (used > room) break
      taken.push(part)
    }
    return taken
  }
  const head = take(parts, Math.ceil((columns - 1) / 3))
  const tail = take(parts.toReversed(), columns - 1 - textWidth(head.join('')))
  return `${head.join('')}…${tail.toReversed().join('')}`
}
