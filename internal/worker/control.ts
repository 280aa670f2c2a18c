/** What a worker may ask about the work it holds. In a cluster it is answered over HTTP, standalone by the database. */
export interface Control {
  /** Of these files, the ones nobody wants any more: cancelled or deleted. May answer "none" when it cannot be reached. */
  unwanted(fileIds: readonly string[]): Promise<ReadonlySet<string>>
}
