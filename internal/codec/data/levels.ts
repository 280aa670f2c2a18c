// By itself, because the child processes need it and not the schemas: loading zod takes each of them 60 ms.

/** Levels each codec knows; the default is the one that pays best for its CPU (measured in bench/). */
export const dataLevels = {
  Zstd: { min: 1, max: 19, default: 9 },
  Brotli: { min: 0, max: 11, default: 5 },
  Gzip: { min: 1, max: 9, default: 6 },
} as const
