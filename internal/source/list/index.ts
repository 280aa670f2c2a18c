export { type CsvRules, csvRulesSchema, readCsv } from './csv.ts'
export { entryOf, type ListEntry } from './entry.ts'
export { type PlanList, planList } from './plan-list.ts'
export { createWebSource } from './web-source.ts'
