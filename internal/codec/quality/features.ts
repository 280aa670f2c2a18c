import { createPlaneScratch, type PlaneName, type PlaneScratch, planeScales, toPlanes } from './planes.ts'
import { comparePlane, type Differences, type ReferenceWindows, referenceWindows } from './windows.ts'

/** The differences the model weighs, in the order of its coefficients. */
export const featureNames = [
  'y1ssim4',
  'y2ssim1',
  'y0ring4',
  'y0blur1',
  'b3ssim4',
  'b4ring4',
  'y0ssim4',
  'x1ssim1',
  'y3ssim1',
] as const

/** A mosaic everything is compared with, and the memory to do it in. */
export interface FeatureReference {
  scratch: PlaneScratch
  windows: Record<PlaneName, ReferenceWindows>
}

/** `mosaic` is interleaved 8-bit sRGB, `width` x `height` pixels in tiles of `tile` pixels, a multiple of 64. */
export function featureReference(
  mosaic: Uint8Array,
  width: number,
  height: number,
  tile: number,
): FeatureReference {
  const scratch = createPlaneScratch(width, height)
  const planes = toPlanes(mosaic, scratch)
  const windows = (name: PlaneName) => {
    const scale = planeScales[name]
    return referenceWindows(planes[name], width >> scale, height >> scale, tile >> scale)
  }
  return {
    scratch,
    windows: {
      y0: windows('y0'),
      y1: windows('y1'),
      x1: windows('x1'),
      y2: windows('y2'),
      y3: windows('y3'),
      b3: windows('b3'),
      b4: windows('b4'),
    },
  }
}

/** Features of a mosaic of the reference's size, in the order of `featureNames`; all 0 when the two are equal. */
export function compareFeatures(reference: FeatureReference, mosaic: Uint8Array): Float64Array {
  const planes = toPlanes(mosaic, reference.scratch)
  const compare = (name: PlaneName, edges = false): Differences =>
    comparePlane(reference.windows[name], planes[name], edges)
  const y0 = compare('y0', true)
  const y1 = compare('y1')
  return Float64Array.of(
    y1.ssim4,
    compare('y2').ssim1,
    y0.ring4,
    y0.blur1,
    compare('b3').ssim4,
    compare('b4', true).ring4,
    y0.ssim4,
    compare('x1').ssim1,
    compare('y3').ssim1,
  )
}
