import type { TestProject } from 'vitest/node'
import { missingTools, startServices, UnavailableError } from '../../tools/services/index.ts'
import { addressesFrom, type ProvidedServices } from './service-addresses.ts'

declare module 'vitest' {
  interface ProvidedContext {
    services: ProvidedServices
  }
}

/**
 * Gives the `services` suites the servers the environment names, or else ones of their own. Without the tools to have
 * them the suites are skipped, loudly; in CI that is a failure.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = addressesFrom(process.env)
  if (given !== undefined) {
    const missing = await missingTools()
    if (missing.length === 0) {
      project.provide('services', given)
      return async () => undefined
    }
    const cannotStart = `${missing.join(', ')} cannot be found`
    if (process.env.CI)
      throw new Error(`suites that start servers of their own must run here: ${cannotStart}`)
    const say = () =>
      process.stderr.write(`\n!! SKIPPED: suites that start servers of their own. ${cannotStart}.\n\n`)
    say()
    project.provide('services', { ...given, cannotStart })
    return async () => void say()
  }
  try {
    const services = await startServices({ postgres: true, s3: true, kafka: true, toxiproxy: true })
    const addresses = addressesFrom(services.environment)
    if (addresses === undefined) throw new Error('the servers do not say where they are')
    project.provide('services', addresses)
    return async () => {
      const failed = project.vitest.state.getCountOfFailedTests() > 0
      await services.stop({ keepLogs: failed })
      if (failed) process.stderr.write(`The logs of the servers are in ${services.folder}\n`)
    }
  } catch (error) {
    if (!(error instanceof UnavailableError) || process.env.CI) throw error
    const { testFiles } = await project.globTestFiles()
    const say = () =>
      process.stderr.write(
        `\n!! SKIPPED: ${testFiles.length} suites that need real servers. ${error.message}\n` +
          '!! CONTRIBUTING.md says what they need, or how to point them at servers of yours.\n\n',
      )
    say()
    project.provide('services', { unavailable: error.message })
    return async () => void say()
  }
}
