import { mkdir, readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { filesIn, fill, makeFolder } from './folder.ts'
import { root, shell, writeProject } from './fresh-install.ts'

test('the packed tarball, installed on the machine’s own Node, compresses by npx', {
  timeout: 120_000,
}, async () => {
  const folder = await makeFolder()
  await shell(root, 'npm', 'pack', '--pack-destination', folder)
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))

  const contents = (await shell(folder, 'tar', '-tf', tarball)).trim().split('\n')
  expect(contents).toContain('package/bin/kompressor.js')
  expect(contents).toContain('package/dist/cmd/kompressor.js')
  expect(contents.filter((name) => name.endsWith('.sql'))).not.toEqual([])
  expect(
    contents.filter((name) => /\.ts$|\.test\.|contract|fixture|^package\/(test|tools|bench)/.test(name)),
  ).toEqual([])

  const project = path.join(folder, 'project')
  await mkdir(project)
  await writeProject(project, `../${tarball}`)
  await shell(project, 'npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund')
  const installed = path.join(await realpath(project), 'node_modules/kompressor')
  expect(await realpath(path.join(project, 'node_modules/.bin/kompressor'))).toBe(
    path.join(installed, 'bin/kompressor.js'),
  )

  expect(await shell(project, 'npx', 'kompressor', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
  await fill(project, {
    'photos/a.jpg': await fixtures.photo({ width: 300, height: 200, quality: 97 }),
    'photos/b.log': fixtures.log(),
  })
  const stdout = await shell(project, 'npx', 'kompressor', 'photos/')
  expect(stdout).toMatch(/^total +2 /m)
  expect(await filesIn(path.join(project, 'photos-compressed'))).toEqual(['a.jpg', 'b.log.zst'])
})
