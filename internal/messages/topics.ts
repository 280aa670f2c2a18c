/** Workers report here; the projector reads it. One topic for all jobs. */
export const reportTopic = 'file-status-updates'

/** What failed for good, with its whole history. Written by the projector alone, for people and alerts to read. */
export const deadLetterTopic = 'file-compression-dlq'
