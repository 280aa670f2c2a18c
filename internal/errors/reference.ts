import { errorCodes } from './codes.ts'

/** The reference of all error codes in Markdown. */
export function errorsReference(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { status, retryable, title }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${title} |`,
  )
  return [
    '# Error codes',
    '<!-- Generated from internal/errors by `npm run generate`. -->',
    'Every refusal and every failed file carries one of these codes. They are a promise: scripts may match on them, and ' +
      'none is ever renamed. The message beside the code says what is wrong in this case and what to do.',
    'A request is refused with a problem document (RFC 9457) of this status. A file that fails has the code in its ' +
      '`error`, together with the history of its attempts; its status then answers no request. What is retryable may ' +
      'succeed later without anybody changing anything, and files are tried again by themselves, up to `--max-attempts` ' +
      'times; what is not fails at once. `storage_throttled`, `storage_full` and `replica_unavailable` say nothing of the ' +
      'file: they use up no attempt and are tried again until they pass. So is `storage_unavailable` while the store ' +
      'answers nothing at all; when it answers for everything else, the trouble is with the object, and the attempt counts.',
    ['| code | status | retryable | what it means |', '| --- | --- | --- | --- |', ...rows, ''].join('\n'),
  ].join('\n\n')
}
