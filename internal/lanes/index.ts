export { createLanes, type Lanes } from './lanes.ts'
