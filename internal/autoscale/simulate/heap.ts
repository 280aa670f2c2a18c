/** What happens next: a binary heap by time, of equal times the one that was added first. */
export class Agenda<T> {
  readonly #heap: { at: number; order: number; what: T }[] = []
  #order = 0

  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, what: T): void {
    const heap = this.#heap
    const entry = { at, order: this.#order++, what }
    let child = heap.length
    heap.push(entry)
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !before(entry, above)) break
      heap[child] = above
      child = parent
    }
    heap[child] = entry
  }

  take(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first?.what
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      let least = heap[child]
      if (least === undefined) break
      const right = heap[child + 1]
      if (right !== undefined && before(right, least)) {
        least = right
        child += 1
      }
      if (!before(least, last)) break
      heap[parent] = least
      parent = child
    }
    heap[parent] = last
    return first.what
  }
}

function before(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
