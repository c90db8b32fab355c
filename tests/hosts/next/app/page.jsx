// A server component: it is run at build time and must not need a browser.
import { WebSocketTransport } from 'wireql';
import { Client } from './client.jsx';

export default function Page() {
  return (
    <main>
      <p>{new WebSocketTransport('ws://127.0.0.1').state}</p>
      <Client />
    </main>
  );
}
