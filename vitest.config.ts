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
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
