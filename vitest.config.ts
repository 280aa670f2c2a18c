import { defineConfig } from 'vitest/config'
import { flakyReporter } from './tools/support/flaky-reporter.ts'

const common = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // A deadline for conditions that come true at once on a machine with nothing else to do.
  expect: { poll: { timeout: 30_000 } },
  pool: 'forks' as const,
}

/**
 * Real servers, processes and browsers on a shared machine now and then miss a deadline. There a test is tried once more,
 * and one that passes only then is named at the end of the run, to be mended. What fails twice fails.
 */
const onRealThings = { ...common, retry: process.env.CI ? 1 : 0 }

/** Suites that need more than this repository have a project of their own. */
const special = ['**/*.services.test.ts', '**/*.cluster.test.ts', '**/*.node.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', flakyReporter],
    projects: [
      {
        test: {
          ...common,
          name: 'modules',
          include: ['{cmd,internal,tools,bench,web/src}/**/*.test.ts'],
          exclude: special,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // On real Kafka, Postgres, S3 and Toxiproxy: those the environment names, or ones started for them.
        test: {
          ...onRealThings,
          name: 'services',
          include: ['{cmd,internal,tools,test}/**/*.services.test.ts'],
          globalSetup: ['test/support/services-setup.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Real processes that want the machine to themselves: one file after another.
        test: {
          ...onRealThings,
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [...special, 'test/ui/**'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // In a browser, against a service of each file's own.
        test: {
          ...onRealThings,
          name: 'ui',
          include: ['test/ui/**/*.test.ts'],
          globalSetup: ['test/ui/support/setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 30_000, interval: 100 } },
          fileParallelism: false,
          // What the tests import takes longer to load than many of them take; they share no state.
          isolate: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // On a real Kubernetes API: the one KUBECONFIG names, or a control plane started for them.
        test: {
          ...onRealThings,
          name: 'cluster',
          include: ['{internal,tools,test,bench}/**/*.cluster.test.ts'],
          globalSetup: ['tools/cluster/setup.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
      {
        // On a real node, in pods of the image that the Dockerfile makes. Each file starts its own: one after another.
        test: {
          ...onRealThings,
          name: 'node',
          include: ['test/node/**/*.node.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
})
