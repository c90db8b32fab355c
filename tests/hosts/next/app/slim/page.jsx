'use client';

import { useEffect } from 'react';
import { TransportConnectionFailedError, WebSocketTransport, init } from 'wireql/slim';
import { runStoryWith } from '../../page-file.js';

export default function Page() {
  useEffect(() => {
    const wasm = new URL('wireql/wireql.wasm', import.meta.url);
    runStoryWith({ TransportConnectionFailedError, WebSocketTransport, init }, wasm);
  }, []);
  return <p>WebAssembly from an address</p>;
}
