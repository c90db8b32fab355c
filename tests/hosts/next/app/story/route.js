// The story on the server, in the runtime that Next.js gives a route.
import { TransportConnectionFailedError, WebSocketTransport } from 'wireql';
import { story } from '../../story.js';

export async function GET(request) {
  const { searchParams } = new URL(request.url);
  const urls = [searchParams.get('url'), searchParams.get('refused')];
  const said = await story({ TransportConnectionFailedError, WebSocketTransport }, ...urls).catch(
    (error) => `${error.name}: ${error.message}`,
  );
  return new Response(said);
}
