import { createContext, useContext } from 'react'
import type { Uploads } from './uploads.ts'

const UploadsContext = createContext<Uploads | undefined>(undefined)

export const UploadsProvider = UploadsContext.Provider

/** The uploads of this page, which go on while somebody moves between pages. */
export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext)
  if (uploads === undefined) throw new Error('UploadsProvider is missing')
  return uploads
}
