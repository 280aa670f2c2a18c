/**
 * Shares partitions among members as evenly as can be and moves as few as that allows, as a sticky assignor does.
 *
 * @param owners who has each partition now; undefined where nobody does
 * @returns who has each from now on, in the same order
 */
export function assign(
  owners: readonly (number | undefined)[],
  members: readonly number[],
): (number | undefined)[] {
  if (members.length === 0) return owners.map(() => undefined)
  const least = Math.floor(owners.length / members.length)
  let bigger = owners.length % members.length
  const held = new Map(members.map((member) => [member, 0]))
  for (const owner of owners) {
    const count = owner === undefined ? undefined : held.get(owner)
    if (owner !== undefined && count !== undefined) held.set(owner, count + 1)
  }
  // Those that hold most keep the share that is one bigger.
  const share = new Map<number, number>()
  for (const [member] of [...held].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    share.set(member, bigger > 0 ? least + 1 : least)
    bigger -= 1
  }
  const kept = owners.map((owner) => {
    const left = owner === undefined ? 0 : (share.get(owner) ?? 0)
    if (owner === undefined || left === 0) return undefined
    share.set(owner, left - 1)
    return owner
  })
  const free = [...share].flatMap(([member, left]) => Array.from({ length: left }, () => member))
  return kept.map((owner) => owner ?? free.shift())
}
