import { defineConfig } from 'vitest/config'

const common = { testTimeout: 60_000, hookTimeout: 120_000, pool: 'forks' as const }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'modules',
          include: ['{cmd,internal,tools,bench,web/src}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real processes that want the machine to themselves: one file after another.
        test: {
          ...common,
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/ui/**'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // In a browser, against a service of each file's own.
        test: {
          ...common,
          name: 'ui',
          include: ['test/ui/**/*.test.ts'],
          globalSetup: ['test/ui/support/build.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
