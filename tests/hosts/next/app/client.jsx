'use client';

import { useEffect } from 'react';
import { TransportConnectionFailedError, WebSocketTransport } from 'wireql';
import { story } from '../story.js';

/** A client component, which is rendered on the server too. */
export function Client() {
  useEffect(() => {
    globalThis.runStory = (...urls) =>
      story({ TransportConnectionFailedError, WebSocketTransport }, ...urls).catch(
        (error) => `${error.name}: ${error.message}`,
      );
  }, []);
  return <p>a client component</p>;
}
