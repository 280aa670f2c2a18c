import { defineCommand, defineOptions, flag, option, url } from '../../config/index.ts'

export const explainCommand = defineCommand({
  name: 'explain',
  summary: 'Tell the whole life of a file in a running service: what happened when, and why',
  positionals: { usage: 'ID', min: 1, max: 1 },
  options: defineOptions({
    url: option(url(), { default: 'http://127.0.0.1:8080', doc: 'Where the service answers.' }),
    json: flag({ doc: 'Write the file and its events as one JSON object.' }),
  }),
  examples: [
    {
      line: 'kompressor explain 0199c8a5-7d1e-7c3a-9f0e-3b1d2c4a5e6f',
      does: 'the id is in the answer to the upload, and in every log line about the file',
    },
  ],
})
