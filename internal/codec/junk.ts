const junk = new Set(['.ds_store', 'thumbs.db', 'ehthumbs.db', 'desktop.ini'])

/** What operating systems leave in folders. */
export function isJunkName(name: string): boolean {
  // `._name` holds the resource fork of `name` on volumes that have none (AppleDouble).
  return junk.has(name.toLowerCase()) || name.startsWith('._')
}
