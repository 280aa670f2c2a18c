import { stripTypeScriptTypes } from 'node:module'

/** A relative path to a TypeScript file, in quotes: of an import, or of a URL that becomes a child process. */
export const sourcePath = /(['"`])(\.{1,2}\/[^'"`$\s]+)\.ts\1/g

/** Leaves blanks where the types were, so that lines and columns stay. */
export function withoutTypes(source: string): string {
  return stripTypeScriptTypes(source, { mode: 'strip' })
}

/** JavaScript that names the JavaScript files beside it. */
export function toJavaScript(source: string): string {
  return withoutTypes(source).replace(sourcePath, '$1$2.js$1')
}
