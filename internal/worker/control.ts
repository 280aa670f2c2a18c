/** A file, or without one everything of a batch. */
export interface Work {
  batchId: string
  fileId?: string
}

/** What a worker may ask about the work it holds. In a cluster it is answered over HTTP, standalone by the database. */
export interface Control {
  /** Whether nobody wants this work any more: cancelled or deleted. Answers no when that cannot be found out. */
  isUnwanted(work: Work): Promise<boolean>
}
