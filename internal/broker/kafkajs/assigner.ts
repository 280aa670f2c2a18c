import kafkajs, { type PartitionAssigner } from 'kafkajs'
import { z } from 'zod'

/** What a member says it holds when it joins. */
export interface Claims {
  partitions: readonly number[]
  /** When it got them, milliseconds since the epoch: of two members that claim the same, the later one has it. */
  since: number
}

export interface Claimant extends Claims {
  id: string
}

/**
 * Shares partitions over members as evenly as possible, and takes from nobody what can stay. A rebalance makes everybody
 * stop and join again; what stays goes on from memory, what moves starts from its last commit.
 */
export function share(members: readonly Claimant[], partitions: readonly number[]): Map<string, number[]> {
  const kept = new Map(members.map(({ id }) => [id, [] as number[]]))
  const free = new Set(partitions)
  // The freshest claims first; ids make the order the same whoever computes it.
  const byAge = members.toSorted((a, b) => b.since - a.since || (a.id < b.id ? -1 : 1))
  for (const { id, partitions: claimed } of byAge) {
    for (const partition of claimed) if (free.delete(partition)) kept.get(id)?.push(partition)
  }
  const least = Math.floor(partitions.length / Math.max(1, members.length))
  let larger = partitions.length - least * members.length
  // Those who hold most keep one more than the others where it does not come out even.
  const bySize = [...kept].toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
  const quotas = bySize.map(([, own]) => {
    const quota = larger > 0 ? least + 1 : least
    if (larger > 0) larger -= 1
    for (const partition of own.splice(quota)) free.add(partition)
    return quota
  })
  const left = [...free].toSorted((a, b) => a - b)
  for (const [index, [, own]] of bySize.entries())
    own.push(...left.splice(0, (quotas[index] ?? 0) - own.length))
  return kept
}

/** kafkajs's interface to `share`, for a group that reads one topic. */
export function stickyAssigner(claims: () => Claims): PartitionAssigner {
  const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol
  return ({ cluster }) => ({
    name: 'kompressor-sticky',
    version: 1,
    protocol: ({ topics }) => ({
      name: 'kompressor-sticky',
      metadata: MemberMetadata.encode({
        version: 1,
        topics,
        userData: Buffer.from(JSON.stringify(claims())),
      }),
    }),
    assign: async ({ members, topics }) => {
      const claimants = members.map(({ memberId, memberMetadata }) => ({
        id: memberId,
        ...readClaims(MemberMetadata.decode(memberMetadata)?.userData),
      }))
      const assignments = new Map(members.map(({ memberId }) => [memberId, {} as Record<string, number[]>]))
      for (const topic of topics) {
        const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
        for (const [id, own] of share(claimants, partitions)) {
          const assignment = assignments.get(id)
          if (assignment !== undefined && own.length > 0) assignment[topic] = own
        }
      }
      return [...assignments].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) }),
      }))
    },
  })
}

const claimsSchema = z.object({ partitions: z.array(z.int().min(0)), since: z.number() })

/** Another version of this program may say something else: then it claims nothing. */
function readClaims(userData: Buffer | undefined): Claims {
  try {
    const parsed = claimsSchema.safeParse(JSON.parse(String(userData)))
    if (parsed.success) return parsed.data
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return { partitions: [], since: 0 }
}
