/** Why files are kept or skipped, in words: the reasons of the codecs and those of a run. */
const texts: Record<string, { why: string; verb: 'kept' | 'skipped' }> = {
  already_compressed: { why: 'compressed well enough already', verb: 'kept' },
  savings_below_minimum: { why: 'compressing would save less than --min-savings', verb: 'kept' },
  below_min_score: { why: 'nothing smaller is good enough (--min-score)', verb: 'kept' },
  gain_map: { why: 'an HDR gain map would be lost', verb: 'kept' },
  unsupported_image: { why: 'no decoder here for this image format', verb: 'skipped' },
  class_not_selected: { why: 'not selected', verb: 'skipped' },
  junk: { why: 'left behind by an operating system', verb: 'skipped' },
  archived_storage_class: { why: 'archived; reading it would cost a restore', verb: 'skipped' },
  duplicate: { why: 'named before in the list', verb: 'skipped' },
  empty_file: { why: 'empty', verb: 'skipped' },
  link: { why: 'symbolic links are not followed', verb: 'skipped' },
  special: { why: 'sockets, pipes and devices', verb: 'skipped' },
  own: { why: 'outputs and notes of kompressor', verb: 'skipped' },
  unreadable: { why: 'cannot be read', verb: 'skipped' },
  output_exists: { why: 'the output exists already; --overwrite replaces it', verb: 'skipped' },
  output_stale: {
    why: 'the output was made from another version or with other options; --overwrite replaces it',
    verb: 'skipped',
  },
}

/** Why one file was kept or skipped. */
export function reasonText(reason: string | undefined): string {
  return reason === undefined ? '' : (texts[reason]?.why ?? reason)
}

/** The same for several: `kept: compressed well enough already`. */
export function reasonNote(reason: string): string {
  return `${texts[reason]?.verb ?? 'kept'}: ${reasonText(reason)}`
}
