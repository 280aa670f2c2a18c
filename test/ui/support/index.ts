export { accessibilityFaults } from './axe.ts'
export type { OpenOptions } from './page.ts'
export { describeUi, type Ui } from './ui.ts'
