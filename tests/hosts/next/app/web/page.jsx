'use client';

import { useEffect } from 'react';
import { TransportConnectionFailedError, WebSocketTransport, init } from 'wireql/web';
import { runStoryWith } from '../../page-file.js';

export default function Page() {
  useEffect(() => runStoryWith({ TransportConnectionFailedError, WebSocketTransport, init }), []);
  return <p>WebAssembly from beside the entry</p>;
}
