import { createPostgresStore } from '../store/index.ts'

/** Brings the schema up to date, waiting for others that do. Throws database_unavailable. */
export async function migrateDatabase(url: string): Promise<void> {
  const store = await createPostgresStore({ url, poolSize: 1 })
  await store.close()
}
