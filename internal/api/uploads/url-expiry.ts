import type { Services } from '../env.ts'

export type Lifetime = Pick<Services, 'clock' | 'uploadUrlMs'>

/** Until when a URL that is signed now works: not longer than its file waits for its bytes. */
export function urlExpiry({ clock, uploadUrlMs }: Lifetime, waitsUntil: Date): Date {
  return new Date(Math.min(waitsUntil.getTime(), clock().getTime() + uploadUrlMs))
}
