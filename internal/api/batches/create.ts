import { type CompressionOptions, defaultOptions } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import {
  batchView,
  createBatch,
  type Database,
  type JobRow,
  type NewFile,
  requireIngestJob,
} from '../../store/index.ts'
import { type ApiApp, ingestJob, type Services, tenantOf } from '../env.ts'
import { uploadKey } from '../files/upload-key.ts'
import { encodeCursor } from '../http/cursor.ts'
import { faults } from '../http/faults.ts'
import { type Answer, fingerprintOf, toResponse } from '../http/idempotency.ts'
import { bytesOf } from '../http/json-body.ts'
import type { Page } from '../http/page.ts'
import { answeredRaw } from '../http/raw.ts'
import { withClasses } from '../options/classes.ts'
import { signUploads, uploadsPerPage, uploadsScope } from '../uploads/page.ts'
import type { Upload } from '../uploads/schema.ts'
import { checkManifest } from './manifest.ts'
import { createBatchRoute } from './routes.ts'

export function createBatchRoutes(app: ApiApp, services: Services): void {
  const { store, keys } = services
  app.openapi(
    answeredRaw(createBatchRoute),
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const manifest = c.req.valid('json')
      const act = (db: Database) => announce(services, db, tenantId, manifest)
      const key = c.req.valid('header')['idempotency-key']
      if (key === undefined) return toResponse(await act(store.db))
      const fingerprint = fingerprintOf('POST /v1/batches', bytesOf(c.env.incoming))
      const claim = await keys.claim(tenantId, key)
      try {
        return toResponse(claim.isUsed ? claim.replay(fingerprint) : await claim.commit(fingerprint, act))
      } finally {
        claim.release()
      }
    },
    faults(createBatchRoute),
  )
}

type Manifest = ReturnType<
  (typeof createBatchRoute.request.body.content)['application/json']['schema']['parse']
>

async function announce(
  services: Services,
  db: Database,
  tenantId: string,
  manifest: Manifest,
): Promise<Answer> {
  const { clock, ids, limits, retainMs, uploadExpiryMs } = services
  const now = clock().getTime()
  const announced = checkManifest(manifest.files, limits.maxFileBytes)
  const uploadExpiresAt = new Date(now + uploadExpiryMs)
  const files = announced.map(({ name, size, type, sha256, tags = {} }) => {
    const id = ids()
    return {
      id,
      name,
      size,
      tags,
      uploadKey: uploadKey(tenantId, id),
      uploadExpiresAt,
      ...(type !== undefined && { type }),
      ...(sha256 !== undefined && { sha256 }),
    }
  })
  const job = await jobOf(db, manifest.job)
  const id = ids()
  const row = await createBatch(db, {
    id,
    tenantId,
    jobUid: job.uid,
    ...(manifest.name !== undefined && { name: manifest.name.normalize('NFC') }),
    options: withClasses(manifest.options ?? profileOf(job, manifest.profile)),
    tags: manifest.tags ?? {},
    expiresAt: new Date(now + retainMs),
    files,
  })
  const uploads = await firstUploads(services, id, files)
  return { status: 201, headers: { location: `/v1/batches/${id}` }, body: { ...batchView(row), uploads } }
}

/** The job that does the work. Throws job_not_found. */
async function jobOf(db: Database, name: string | undefined): Promise<Job> {
  return name === undefined ? { uid: ingestJob, name: ingestJob, intake: null } : requireIngestJob(db, name)
}

type Job = Pick<JobRow, 'uid' | 'name' | 'intake'>

/** Options of batches that have none of their own. Throws profile_not_found. */
function profileOf({ name, intake }: Job, profile: string | undefined): CompressionOptions {
  if (profile === undefined) return intake?.options ?? defaultOptions
  const profiles = intake?.profiles ?? {}
  const options = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined
  if (options !== undefined) return options
  const there = Object.keys(profiles)
  throw new KompressorError(
    'profile_not_found',
    `job ${name} has no profile ${profile}; ${there.length === 0 ? 'it has none' : `there are ${there.join(', ')}`}`,
  )
}

/** The same as the first page of the uploads, without reading back what was just written. */
async function firstUploads(
  services: Services,
  batchId: string,
  files: readonly (NewFile & { size: number; uploadExpiresAt: Date })[],
): Promise<Page<Upload>> {
  const first = files
    .slice(0, uploadsPerPage)
    .map((file) => ({ ...file, type: file.type ?? null, sha256: file.sha256 ?? null }))
  const items = await signUploads(services, first)
  const last = first.at(-1)
  if (last === undefined || files.length <= uploadsPerPage) return { items }
  return { items, nextCursor: encodeCursor(JSON.stringify(uploadsScope(batchId)), last.id) }
}
