import { createContext, useContext } from 'react'
import { type ApiClient, createApiClient } from './client.ts'

const ApiContext = createContext<ApiClient>(createApiClient())

export const ApiProvider = ApiContext.Provider

/** The API of the service that served the page. */
export function useApi(): ApiClient {
  return useContext(ApiContext)
}
