/** A rule of the Common Expression Language, checked by the API server: what must hold, and what to say when it does not. */
export interface Rule {
  rule: string
  message: string
  /** The field to point at, relative to where the rule stands. */
  fieldPath?: string
}

/** Attaches rules to a zod schema: `z.object({…}).meta(rules({ rule, message }))`. They come out in the CRD. */
export function rules(...list: readonly Rule[]) {
  return { 'x-kubernetes-validations': list }
}

/** A value that may be given once and then stays. */
export function immutable(what: string) {
  return { rule: 'self == oldSelf', message: `${what} cannot be changed: make another CompressionJob` }
}
