export { FileButtons } from './file-buttons.tsx'
export { IntakeProvider, type IntakeState, useIntake } from './intake.tsx'
export { RefusedList } from './refused-list.tsx'
