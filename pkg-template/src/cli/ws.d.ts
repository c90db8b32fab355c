// The package `ws`, which the build puts into the command: what of it is used here.

declare module 'ws' {
  export const WebSocket: new (url: string, protocols?: any, ...args: any[]) => object;
  export const WebSocketServer: new (options: object) => object;
}
