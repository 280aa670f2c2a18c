export { FileButtons } from './file-buttons.tsx'
export { EarlyProvider, IntakeProvider, type IntakeState, useIntake } from './intake.tsx'
export { RefusedList } from './refused-list.tsx'
