import { textWidth } from './width.ts'

export interface Column {
  title: string
  align: 'left' | 'right'
}

/**
 * Rows of text under their titles, columns two spaces apart, nothing behind the last one. `undefined` among the rows
 * draws a rule.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[] | undefined)[],
): string[] {
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row?.[index] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? ''
        const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(cell)))
        return column.align === 'left' ? cell + space : space + cell
      })
      .join('  ')
      .trimEnd()
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width, 0) + 2 * (columns.length - 1))
  return [line(columns.map((column) => column.title)), ...rows.map((row) => (row ? line(row) : rule))]
}
