import { z } from 'zod'
import { bucketText, credentialsRef, endpointText, keyRef, regionText, sizeText } from './common.ts'
import { compressionSchema } from './compression.ts'
import { immutable, rules } from './rules.ts'

const globs = (what: string) => z.array(z.string().min(1).max(1024)).max(100).optional().describe(what)

const location = {
  endpoint: endpointText.optional(),
  region: regionText.optional(),
  credentialsSecretRef: credentialsRef.optional(),
}

const s3Source = z
  .object({
    bucket: bucketText.describe('Bucket to read.'),
    prefix: z.string().max(1024).default('').describe('Only keys that begin with this.'),
    ...location,
    include: globs(
      'Only keys that match one of these patterns, seen from the prefix: `**/*.jpg`. All of them when empty.',
    ),
    exclude: globs('No keys that match one of these patterns. Wins over include.'),
    minSize: sizeText.optional().describe('Only objects of at least this size: 10KiB.'),
    maxSize: sizeText.optional().describe('Only objects of at most this size: 50MiB.'),
    modifiedAfter: z.iso.datetime().optional().describe('Only objects last modified after this moment.'),
    storageClasses: z
      .array(z.string().min(1).max(64))
      .max(20)
      .default(['STANDARD'])
      .describe(
        'Only objects of these storage classes. Archived objects are skipped: reading them costs a restore.',
      ),
  })
  .describe('The objects of a bucket, listed once.')

const csvSource = z
  .object({
    s3: z
      .object({
        bucket: bucketText.describe('Bucket that holds the file.'),
        key: z.string().min(1).max(1024).describe('Key of the file.'),
        ...location,
      })
      .optional()
      .describe('A CSV file in a bucket.'),
    configMapKeyRef: keyRef('A CSV file in a ConfigMap.').optional(),
    columns: z
      .object({
        url: z.string().min(1).max(128).default('url').describe('Column with the address of the file.'),
        key: z
          .string()
          .min(1)
          .max(128)
          .optional()
          .describe(
            'Column with what the output is named by, in place of host and path of the address; keyTemplate makes the key of it.',
          ),
      })
      .optional()
      .describe(
        'Which columns to read: names when there is a header, else numbers from 1. Default: url, or the first column.',
      ),
    header: z.boolean().default(true).describe('Whether the first line names the columns.'),
    delimiter: z
      .string()
      .min(1)
      .max(1)
      .regex(/^[^"\r\n]$/)
      .default(',')
      .describe('What separates columns: one character.'),
  })
  .meta(
    rules(
      {
        rule: 'has(self.s3) != has(self.configMapKeyRef)',
        message: 'give s3 or configMapKeyRef: one of them',
      },
      {
        rule:
          "self.header || !has(self.columns) || (self.columns.url.matches('^[1-9][0-9]{0,3}$') && " +
          "(!has(self.columns.key) || self.columns.key.matches('^[1-9][0-9]{0,3}$')))",
        message: 'without a header columns have no names: give their numbers, counted from 1',
        fieldPath: '.columns',
      },
    ),
  )
  .describe(
    'A list of addresses, one a line. Lines that cannot be used count as failed, and are reported with their number.',
  )

const ingestSource = z
  .object({
    profiles: z
      .record(z.string().min(1).max(63), compressionSchema)
      .meta({ maxProperties: 50 })
      .optional()
      .describe('Named sets of options that requests may ask for with `profile`.'),
  })
  .describe('What clients of the HTTP API send to this job, for ever.')

export const sourceSchema = z
  .object({
    s3: s3Source.optional(),
    csv: csvSource.optional(),
    urls: z
      .array(
        z
          .string()
          .max(2048)
          .regex(/^https?:\/\/[^\s]+$/),
      )
      .min(1)
      .max(1000)
      .optional()
      .describe('Addresses of the files themselves. For more than a thousand of them use csv.'),
    ingest: ingestSource.optional(),
  })
  .meta(
    rules(
      {
        rule: '[has(self.s3), has(self.csv), has(self.urls), has(self.ingest)].filter(given, given).size() == 1',
        message: 'give exactly one source: s3, csv, urls or ingest',
      },
      {
        rule: 'has(self.ingest) || self == oldSelf',
        message: immutable('the source').message,
      },
      {
        rule: 'has(self.ingest) == has(oldSelf.ingest)',
        message: immutable('the source').message,
      },
    ),
  )
  .describe('What to compress. Exactly one of the fields; it cannot be changed later.')
