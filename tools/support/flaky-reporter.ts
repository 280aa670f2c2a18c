import type { Reporter } from 'vitest/node'

/** Names, at the end of a run, the tests that failed at first and passed when they were tried again. */
export const flakyReporter: Reporter = {
  onTestRunEnd(modules) {
    const flaky = modules.flatMap((module) =>
      [...module.children.allTests()]
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => {
          const { errors } = test.result()
          return `${module.moduleId}\n  ${test.fullName}\n    ${errors?.[0]?.message ?? 'no error is known'}`
        }),
    )
    if (flaky.length === 0) return
    process.stdout.write(
      `\n${flaky.length} passed only when tried again. Find out why:\n${flaky.join('\n')}\n`,
    )
  },
}
