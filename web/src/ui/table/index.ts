// Not part of ui/index.ts: the first page has no table, and needs not load what makes one fast.
export { type Column, Table } from './table.tsx'
