/**
 * The `capacity` items of lowest rank of however many are added. Memory is bounded by twice the capacity, and an item costs a
 * comparison unless it may belong to them.
 */
export class Lowest<T> {
  readonly #capacity: number
  readonly #rank: (item: T) => number
  #items: T[] = []
  #bar = Number.POSITIVE_INFINITY

  constructor(capacity: number, rank: (item: T) => number) {
    this.#capacity = capacity
    this.#rank = rank
  }

  /** Whether an item of this rank may still belong to the lowest: what it takes to make one can be saved otherwise. */
  wants(rank: number): boolean {
    return rank < this.#bar
  }

  add(item: T): void {
    if (!this.wants(this.#rank(item))) return
    this.#items.push(item)
    if (this.#items.length >= 2 * this.#capacity) this.#shrink()
  }

  /** Lowest first. */
  items(): T[] {
    this.#shrink()
    return this.#items
  }

  #shrink(): void {
    this.#items.sort((a, b) => this.#rank(a) - this.#rank(b))
    if (this.#items.length < this.#capacity) return
    this.#items.length = this.#capacity
    const last = this.#items.at(-1)
    if (last !== undefined) this.#bar = this.#rank(last)
  }
}
