/** Keys hold ids, never names: a name can neither collide nor lead anywhere. */
export function uploadKey(tenantId: string, fileId: string): string {
  return `in/${tenantId}/${fileId}`
}
