/** Characters that Windows refuses in names, and the backslash, which some unpackers take for a folder. */
const awkward = /[<>:"|?*\\]/g

/**
 * Gives entries names that every unpacker can write inside its folder, each once. Names were checked when they were
 * accepted; this does not rely on it.
 */
export class EntryNames {
  readonly #taken = new Set<string>()

  claim(name: string): string {
    const safe = sanitise(name)
    const dot = safe.lastIndexOf('.')
    const stemEnd = dot > safe.lastIndexOf('/') + 1 ? dot : safe.length
    let candidate = safe
    for (let n = 2; this.#taken.has(fold(candidate)); n++) {
      candidate = `${safe.slice(0, stemEnd)} (${n})${safe.slice(stemEnd)}`
    }
    this.#taken.add(fold(candidate))
    return candidate
  }
}

function sanitise(name: string): string {
  const parts = name
    .toWellFormed()
    .replace(/\p{Cc}/gu, '_')
    .split('/')
    .map((part) => part.replace(awkward, '_').replace(/[. ]+$/, ''))
    .filter((part) => part !== '')
  return parts.length > 0 ? parts.join('/') : 'file'
}

/** macOS and Windows write `A.jpg` over `a.jpg`. */
function fold(name: string): string {
  return name.toLowerCase()
}
