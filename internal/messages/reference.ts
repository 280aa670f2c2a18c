import { z } from 'zod'
import { chunkDeadLetterSchema, chunkReportSchema, chunkTaskSchema } from './chunks.ts'
import { messageTypes } from './envelope.ts'
import { deadLetterSchema, reportSchema, taskSchema } from './messages.ts'
import { deadLetterTopic, reportTopic } from './topics.ts'

interface Message {
  title: string
  type: string
  topic: string
  key: string
  id: string
  source: string
  says: string
  schema: z.ZodType
}

const messages: readonly Message[] = [
  {
    title: 'Task',
    type: messageTypes.task,
    topic: "the job's own, such as `file-compression`",
    key: 'the task; the relay chooses the partition',
    id: '`{task}.{attempt}`',
    source: '`/jobs/{job}`',
    says: 'What a worker is to do. Published by the relay, again when it is not sure.',
    schema: taskSchema,
  },
  {
    title: 'Task of a chunk',
    type: messageTypes.chunkTask,
    topic: "the finite job's own",
    key: 'the task; the relay chooses the partition',
    id: '`{task}.{attempt}`',
    source: '`/jobs/{job}`',
    says: 'Up to 64 objects of a bucket or a list, which have no rows of their own.',
    schema: chunkTaskSchema,
  },
  {
    title: 'Report',
    type: messageTypes.report,
    topic: `\`${reportTopic}\``,
    key: 'the file, so that its reports are in order',
    id: '`{task}.{attempt}.{seq}`',
    source: '`/jobs/{job}/workers/{worker}`',
    says: 'What became of a file. Published by workers before their task is done with, folded by the projector.',
    schema: reportSchema,
  },
  {
    title: 'Report of a chunk',
    type: messageTypes.chunkReport,
    topic: `\`${reportTopic}\``,
    key: 'the task, so that its reports are in order',
    id: '`{task}.{attempt}.{kind}.{at}`',
    source: '`/jobs/{job}/workers/{worker}`',
    says: 'How far a chunk is, and what became of its objects: counts here, each object in its ledger part.',
    schema: chunkReportSchema,
  },
  {
    title: 'Dead letter',
    type: messageTypes.deadLetter,
    topic: `\`${deadLetterTopic}\``,
    key: 'the file',
    id: '`{file}.{attempts}`',
    source: '`/projector`',
    says: 'A file that failed for good, with its history. Published by the projector alone, for people and alerts.',
    schema: deadLetterSchema,
  },
  {
    title: 'Dead letter of a chunk',
    type: messageTypes.chunkDeadLetter,
    topic: `\`${deadLetterTopic}\``,
    key: 'the task',
    id: '`{task}`',
    source: '`/projector`',
    says: 'Objects of a chunk failed for good: how many, why, and where each of them is told of.',
    schema: chunkDeadLetterSchema,
  },
]

/** The reference of all messages in Markdown. */
export function messagesReference(): string {
  return [
    '# Messages in Kafka',
    '<!-- Generated from internal/messages by `npm run generate`. -->',
    'Every record is a [CloudEvent](https://cloudevents.io) in the binary mode of the Kafka binding: the headers `ce_type`, ' +
      '`ce_id`, `ce_source`, `ce_time`, `ce_specversion` and `content-type` say what it is, the value is the JSON below. ' +
      '`traceparent` carries the trace of the request that brought the file.',
    'Delivery is at least once and order is promised for the reports of one file alone: whoever reads along removes what ' +
      'comes twice by `ce_source` and `ce_id`.',
    'The last part of a type is its version. Fields that may be left out are added without a new one, so ignore what you ' +
      `do not know. A record of a version or type its reader does not know is moved to \`${deadLetterTopic}\` as it is, with ` +
      '`kompressor-error` (why) and `kompressor-source` (from which topic) added to its headers; nothing waits for it, and ' +
      'it can be produced again to where it came from once the readers are newer.',
    ...messages.map(section),
  ].join('\n\n')
}

function section({ title, type, topic, key, id, source, says, schema }: Message): string {
  const json = z.toJSONSchema(schema, { unrepresentable: 'any', reused: 'ref', io: 'input' })
  return [
    `## ${title}`,
    says,
    [
      '| | |',
      '| --- | --- |',
      `| \`ce_type\` | \`${type}\` |`,
      `| topic | ${topic} |`,
      `| key | ${key} |`,
      `| \`ce_id\` | ${id} |`,
      `| \`ce_source\` | ${source} |`,
    ].join('\n'),
    `\`\`\`json\n${JSON.stringify(json, null, 2)}\n\`\`\`\n`,
  ].join('\n\n')
}
