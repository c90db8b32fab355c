// What runs in the page of the case page-start: connects, subscribes, and reports the first result and its
// time. `bundle.mjs` resolves `client` to one of the clients.
import { open } from 'client';
import { request } from '../frames.mjs';

// Clients use the host's WebSocket unless they are given one.
const { observe } = await open({ url: new URLSearchParams(location.search).get('url') });
observe(request(1), {
  next(result) {
    performance.mark('first result');
    console.log(JSON.stringify({ result, took: performance.now() }));
  },
  error(error) {
    throw error;
  },
  complete() {},
});
