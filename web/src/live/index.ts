export { overEventSource } from './event-source.ts'
export { type Channel, type ChannelHandlers, follow, type OpenChannel } from './follow.ts'
export { overWebSocket } from './web-socket.ts'
