export { EventHub } from './hub.ts'
export { streamEventsRoute } from './routes.ts'
export { eventRoutes } from './sse.ts'
export { WebSocketEvents, webSocketRoute } from './websocket.ts'
