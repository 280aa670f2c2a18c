export { readAddress } from './address.ts'
export {
  createFetcher,
  type Downloaded,
  type DownloadOptions,
  type Fetcher,
  type FetcherOptions,
} from './fetcher.ts'
export { createNetworks, type Networks } from './networks.ts'
export { type Answered, createPoster, type Poster, type PosterOptions } from './poster.ts'
