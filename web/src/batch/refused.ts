import type { Refused } from './intake.ts'

/*
 * Files that were never part of a batch are kept with the tab, so that the list of what was dropped stays whole when the
 * page is loaded again.
 */

const most = 500

export function rememberRefused(batchId: string, refused: readonly Refused[]): void {
  if (refused.length === 0) return
  try {
    sessionStorage.setItem(keyOf(batchId), JSON.stringify(refused.slice(0, most)))
  } catch {
    // No room or no storage: they are shown until the page is left.
  }
}

export function recallRefused(batchId: string): Refused[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(keyOf(batchId)) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isRefused) : []
  } catch {
    return []
  }
}

function keyOf(batchId: string): string {
  return `kompressor.refused.${batchId}`
}

function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'name' in value && 'size' in value && 'why' in value
}
