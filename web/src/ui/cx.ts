/** Class names that apply: `cx('button', isBusy && 'is-busy')`. */
export function cx(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
