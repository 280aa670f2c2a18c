import { createContext, useContext } from 'react'
import { type ApiClient, createApiClient } from './client.ts'
import type { Connection } from './connection.ts'

const ApiContext = createContext<ApiClient>(createApiClient())

export const ApiProvider = ApiContext.Provider

/** The API of the service that served the page. */
export function useApi(): ApiClient {
  return useContext(ApiContext)
}

const ConnectionContext = createContext<Connection | undefined>(undefined)

export const ConnectionProvider = ConnectionContext.Provider

/** What the page knows of the way to the service. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext)
  if (connection === undefined) throw new Error('ConnectionProvider is missing')
  return connection
}
