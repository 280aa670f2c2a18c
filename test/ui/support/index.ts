export { accessibilityFaults } from './axe.ts'
export type { OpenOptions } from './page.ts'
export { type NewBatch, seedActivity, submitBatch, waitUntilDone } from './seed.ts'
export { describeUi, type Ui, type UiOptions } from './ui.ts'
