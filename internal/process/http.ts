import { createServer } from 'node:http'
import { v7 as uuidv7 } from 'uuid'
import { type ApiDeps, createApi } from '../api/index.ts'
import { predictUploadCost } from '../codec/index.ts'
import type { OnStop } from './assemble.ts'
import { listen } from './listen.ts'

export interface HttpConfig {
  host: string
  port: number
  publicUrl: string | undefined
  maxFileSize: number
  retain: number
  uploadExpiry: number
  uploadUrlLifetime: number | undefined
}

/** What is the same in every process that serves the API. */
type Common = 'ids' | 'limits' | 'publicUrl' | 'retainMs' | 'uploadExpiryMs' | 'uploadUrlMs' | 'predictCost'

export interface HttpParts {
  /** How clients reach the service; the address it listens on until that is known to be another. */
  publicUrl: () => string
  /** Serves the API; resolves with the address. */
  start(deps: Omit<ApiDeps, Common>): Promise<string>
}

/** The address comes last, and the parts before it may need it: the file-system store signs URLs that point back here. */
export function prepareHttp(config: HttpConfig, onStop: OnStop): HttpParts {
  let address = ''
  const publicUrl = () => config.publicUrl?.replace(/\/$/, '') ?? address
  return {
    publicUrl,
    async start(deps) {
      const api = createApi({
        ...deps,
        ids: uuidv7,
        limits: { maxFileBytes: config.maxFileSize },
        publicUrl,
        retainMs: config.retain,
        uploadExpiryMs: config.uploadExpiry,
        uploadUrlMs: config.uploadUrlLifetime ?? config.uploadExpiry,
        predictCost: predictUploadCost,
      })
      const server = createServer()
      api.attachTo(server)
      onStop('API', () => api.close())
      address = await listen(server, config)
      return address
    },
  }
}
