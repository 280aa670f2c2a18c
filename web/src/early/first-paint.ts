/** Resolves when the page as it came is on the screen; at once where nobody looks, since nothing is painted there. */
export function firstPaint(): Promise<void> {
  if (document.hidden) return Promise.resolve()
  // A frame's callbacks run before it is painted, and what waits for its turn behind it.
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
}
