import { KompressorError } from '../../errors/index.ts'
import type { ApiApp, ApiContext } from '../env.ts'
import { problemOf } from './on-error.ts'

/** Answers what no route takes: 405 with the methods that are there, or 404. */
export function notFound(app: ApiApp) {
  const templates = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, matches: toRegExp(path) }))
  return (c: ApiContext): Response => {
    const { method, path } = c.req
    const allowed = [...new Set(templates.filter((t) => t.matches.test(path)).map((t) => t.method))]
    if (allowed.length === 0) {
      return problemOf(
        c,
        new KompressorError('not_found', `there is nothing at ${path}; see /v1/openapi.json`),
      )
    }
    if (allowed.includes('GET')) allowed.push('HEAD')
    const allow = allowed.sort().join(', ')
    const error = new KompressorError('method_not_allowed', `${path} takes ${allow}, not ${method}`)
    return problemOf(c, error, { allow })
  }
}

function toRegExp(template: string): RegExp {
  const source = template
    .replace(/[.+?^$()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/:\w+/g, '[^/]+')
  return new RegExp(`^${source}$`)
}
