export { defaultSettings, type Settings, toOptions } from './settings.ts'
export { SettingsForm } from './settings-form.tsx'
export { useSettings } from './stored.ts'
