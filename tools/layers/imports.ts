export interface Import {
  specifier: string
  /** Counted from 1. */
  line: number
}

/**
 * The modules a TypeScript source imports, types included, in the order of the text. Statements are recognised where they
 * begin a line, as the formatter writes them, so examples inside comments and strings are not taken for imports.
 */
export function importsOf(source: string): Import[] {
  const patterns = [
    /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^[ \t]*import\s*['"]([^'"]+)['"]/gm,
    /^(?![ \t]*(?:\*|\/\/))[^'"`\n]*?\bimport\(\s*['"]([^'"]+)['"]/gm,
  ]
  return patterns
    .flatMap((pattern) => [...source.matchAll(pattern)])
    .sort((a, b) => a.index - b.index)
    .map((match) => ({
      specifier: match[1] ?? '',
      line: source.slice(0, match.index + match[0].length).split('\n').length,
    }))
}

/** Lines that call the global fetch, counted from 1. */
export function fetchCallsOf(source: string): number[] {
  return source
    .split('\n')
    .flatMap((text, index) =>
      /^(?!\s*(?:\*|\/\/)).*(?<![\w.])(?:globalThis\.)?fetch\(/.test(text) ? [index + 1] : [],
    )
}
