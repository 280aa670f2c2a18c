export { EventHub } from './hub.ts'
export { streamEventsRoute } from './routes.ts'
export { eventRoutes } from './sse.ts'
export { WebSocketEvents } from './websocket.ts'
