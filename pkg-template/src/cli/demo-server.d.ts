// tests/servers/demo/server.mjs, which the build puts into the command.

declare module '#demo-server' {
  export function startServer(options: { port: number }): Promise<{ readonly url: string; close(): Promise<void> }>;
}
