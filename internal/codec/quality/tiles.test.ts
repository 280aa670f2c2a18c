import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyTiles, planTiles, restoreFrames } from './tiles.ts'

const side = fc.integer({ min: 1, max: 5000 })
const grids = [
  { size: 64, limit: 48 },
  { size: 64, limit: 72 },
  { size: 128, limit: 18 },
]

describe('planTiles', () => {
  it('stays within the limit and inside the image, along the block grid when it samples', () => {
    fc.assert(
      fc.property(side, side, fc.constantFrom(...grids), (width, height, { size, limit }) => {
        const grid = planTiles(width, height, size, limit)
        expect(grid.columns * grid.rows).toBeGreaterThan(0)
        expect(grid.columns * grid.rows).toBeLessThanOrEqual(limit)
        const covers = Math.ceil(width / size) * Math.ceil(height / size) <= limit
        for (const [starts, extent, count] of [
          [grid.left, width, grid.columns],
          [grid.top, height, grid.rows],
        ] as const) {
          expect(starts).toHaveLength(count)
          expect(new Set(starts).size).toBe(count)
          for (const start of starts) {
            expect(start).toBeGreaterThanOrEqual(0)
            if (extent >= size) expect(start + size).toBeLessThanOrEqual(extent)
            else expect(start).toBe(0)
            if (!covers) expect(start % 16).toBe(0)
          }
        }
      }),
    )
  })

  it('covers every pixel of an image that has no more cells than the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 384 }), fc.integer({ min: 1, max: 384 }), (width, height) => {
        const grid = planTiles(width, height, 64, 36)
        const seen = new Set<number>()
        for (const start of grid.left) for (let x = start; x < start + 64; x++) seen.add(x)
        for (let x = 0; x < width; x++) expect(seen.has(x)).toBe(true)
        expect(Math.max(...grid.top) + 64).toBeGreaterThanOrEqual(height)
      }),
    )
  })

  it.each([
    [2048, 1365, 7, 5],
    [1365, 2048, 5, 7],
    [2000, 2000, 6, 6],
    [8, 4000, 1, 36],
    [100_000, 70, 36, 1],
    [1, 1, 1, 1],
    [768, 512, 7, 5],
  ])('samples %i x %i pixels with %i x %i tiles', (width, height, columns, rows) => {
    expect(planTiles(width, height, 64, 36)).toMatchObject({ columns, rows })
  })

  it('spreads the tiles evenly', () => {
    const { left } = planTiles(3000, 3000, 64, 36)
    const gaps = [...left].slice(1).map((start, i) => start - (left[i] ?? 0))
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(16)
  })
})

/** Red counts columns, green rows: every pixel says where it came from. */
function coordinates(width: number, height: number) {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x & 255, y & 255, 7], (y * width + x) * 3)
  }
  return { data, width, height }
}

describe('copyTiles', () => {
  it('copies each tile from its place', () => {
    const grid = planTiles(250, 200, 64, 4)
    const mosaic = copyTiles(coordinates(250, 200), grid)
    expect(mosaic).toHaveLength(grid.columns * grid.rows * 64 * 64 * 3)
    const at = (x: number, y: number) => [...mosaic.subarray((y * 128 + x) * 3, (y * 128 + x) * 3 + 3)]
    expect(at(0, 0)).toEqual([grid.left[0], grid.top[0], 7])
    expect(at(63, 63)).toEqual([(grid.left[0] ?? 0) + 63, (grid.top[0] ?? 0) + 63, 7])
    expect(at(64, 64)).toEqual([grid.left[1], grid.top[1], 7])
  })

  it('mirrors what is smaller than a tile, keeping its density', () => {
    const mosaic = copyTiles(coordinates(3, 5), planTiles(3, 5, 64, 36))
    const reds = Array.from({ length: 8 }, (_, x) => mosaic[x * 3])
    const greens = Array.from({ length: 12 }, (_, y) => mosaic[y * 64 * 3 + 1])
    expect(reds).toEqual([0, 1, 2, 2, 1, 0, 0, 1])
    expect(greens).toEqual([0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 1])
  })
})

describe('restoreFrames', () => {
  it('restores the frame of every tile and nothing else', () => {
    const grid = planTiles(2000, 2000, 64, 6)
    const width = grid.columns * 64
    const reference = new Uint8Array(width * grid.rows * 64 * 3).fill(9)
    const mosaic = new Uint8Array(reference.length)
    restoreFrames(mosaic, reference, grid, 4)
    for (let i = 0; i < mosaic.length; i++) {
      const x = (Math.floor(i / 3) % width) % 64
      const y = Math.floor(i / 3 / width) % 64
      const framed = x < 4 || x >= 60 || y < 4 || y >= 60
      if (mosaic[i] !== (framed ? 9 : 0)) throw new Error(`wrong at ${x}, ${y}`)
    }
  })

  it('leaves everything when the frame is 0 wide', () => {
    const grid = planTiles(64, 64, 64, 1)
    const mosaic = new Uint8Array(64 * 64 * 3)
    restoreFrames(mosaic, new Uint8Array(mosaic.length).fill(9), grid, 0)
    expect(mosaic.every((value) => value === 0)).toBe(true)
  })
})
