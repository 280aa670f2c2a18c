export {
  identityKey,
  jobKey,
  type Marks,
  outputAttributes,
  sha256Key,
  sourceKey,
  sourceMark,
} from './attributes.ts'
export { type Collision, checkOverlap, checkTemplate, findCollision, type Place } from './collisions.ts'
export { honoursConditions } from './conditional.ts'
export { type Erased, type ErasedJob, type ErasedReplica, eraseOutputs } from './erase.ts'
export { isSameWork, type OutputToPlace, type Placed, placeOutput, refuseSibling } from './place.ts'
export { defaultKeyTemplate, outputKey, parseTemplate, placeholders } from './template.ts'
