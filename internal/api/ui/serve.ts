import { fileURLToPath } from 'node:url'
import { accepts } from '../content/decode.ts'
import { matches } from '../content/range.ts'
import type { ApiContext, Services } from '../env.ts'
import { type UiFile, UiFiles, uiEncodings } from './files.ts'
import { pagePolicy } from './policy.ts'

/** Where the build puts it, in a clone and in the published package. */
const builtFolder = fileURLToPath(new URL('../../../web/dist', import.meta.url))

/** Addresses of the API and of files of the interface; every other one is a page's. */
const noPage = /^\/(v1|internal|objects|assets|ws)(\/|$)/

/** A browser that goes to an address, not a script that calls it. */
export function wantsPage(c: ApiContext): boolean {
  return c.req.header('accept')?.includes('text/html') === true
}

/**
 * Answers with a file of the web interface, or with its document where a browser asks for a page: which one is the
 * router's to know. Undefined for anything else.
 */
export function serveUi(services: Services): (c: ApiContext) => Promise<Response | undefined> {
  const { uiFolder = builtFolder } = services
  const files = new UiFiles(uiFolder)
  return async (c) => {
    const { method, path } = c.req
    if (method !== 'GET' && method !== 'HEAD') return undefined
    const file = path === '/' ? undefined : await files.find(path)
    if (file !== undefined) return send(c, services, file)
    if (noPage.test(path) || !wantsPage(c)) return undefined
    // The first page is in a document of its own, drawn already.
    const drawn = path === '/' ? await files.find('/first.html') : undefined
    const document = drawn ?? (await files.find('/index.html'))
    return document === undefined ? notBuilt() : send(c, services, document)
  }
}

async function send(c: ApiContext, services: Services, file: UiFile): Promise<Response> {
  const encoding = uiEncodings.find((name) => accepts(c.req.header('accept-encoding'), name))
  const { bytes, etag } = await file.as(encoding)
  const isPage = file.type.startsWith('text/html')
  const headers = {
    etag,
    vary: isPage ? 'accept, accept-encoding' : 'accept-encoding',
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(isPage && { 'content-security-policy': pagePolicy(await storeOrigin(c, services)) }),
  }
  if (matches(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  const full = {
    ...headers,
    'content-type': file.type,
    'content-length': String(bytes.length),
    ...(encoding !== undefined && etag.endsWith(`-${encoding}"`) && { 'content-encoding': encoding }),
  }
  return new Response(c.req.method === 'HEAD' ? null : new Uint8Array(bytes), { headers: full })
}

/** Where browsers are sent with their uploads: what the store itself signs cannot disagree with the policy. */
async function storeOrigin(c: ApiContext, { objects, clock }: Services): Promise<string | undefined> {
  try {
    const { url } = await objects.presignPut('in/policy', { expiresAt: clock(), size: 0 })
    return new URL(url).origin
  } catch (error) {
    // A page that can show what there is and cannot upload is better than none.
    c.get('log').warn({ error }, 'no URL can be signed: the web interface cannot upload')
    return undefined
  }
}

function notBuilt(): Response {
  return new Response(notBuiltPage, {
    status: 503,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', vary: 'accept' },
  })
}

/** Without a style sheet: there is no file to take it from. */
const notBuiltPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Kompressor</title>
</head>
<body>
<h1>The web interface has not been built</h1>
<p>The service itself runs. Build the interface with <code>npm run build</code> where Kompressor is installed, then
reload this page.</p>
<p>Everything else works without it: <a href="/v1/openapi.json">the API</a>, <a href="/readyz">the state of the
service</a>.</p>
</body>
</html>
`
