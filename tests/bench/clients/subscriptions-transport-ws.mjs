import { SubscriptionClient } from 'subscriptions-transport-ws';

export async function open({ url, WebSocket }) {
  const client = new SubscriptionClient(url, {}, WebSocket);
  await new Promise((resolve) => client.onConnected(resolve));
  return { observe: (request, sink) => client.request(request).subscribe(sink) };
}
