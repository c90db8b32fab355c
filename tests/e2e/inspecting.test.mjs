// What somebody finds who looks into errors: whose call it was that failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, WebSocketTransport } from 'wireql';
import { unusedUrl, withAck } from './servers.mjs';

const refuse = ({ send }, message) =>
  message?.type === 'subscribe' && send({ id: message.id, type: 'error', payload: [{ message: 'no' }] });

for (const Class of [WebSocketTransport, Client]) {
  const stackOf = async (calls) => {
    try {
      await calls();
    } catch (error) {
      return error.stack;
    }
    return assert.fail('no error');
  };

  test(`the stack of an error names who called ${Class.name}.execute, subscribe or connect`, () =>
    withAck(async ({ url }) => {
      const endpoint = new Class(url);
      await endpoint.connect();
      const calls = {
        async executesInVain() {
          await endpoint.execute('{ no }');
        },
        async readsInVain() {
          for await (const _ of endpoint.subscribe('subscription { no }'));
        },
        async readsLateInVain() {
          const results = endpoint.subscribe('subscription { no }');
          await endpoint.execute('{ no }').catch(() => {});
          await results.next();
        },
        async connectsInVain() {
          await new Class(await unusedUrl(), Class === Client ? { retry: false } : {}).connect();
        },
      };
      for (const [name, call] of Object.entries(calls)) {
        const stack = await stackOf(call);
        assert.match(stack, new RegExp(`^Transport\\w+Error: [^]*${name}[^]*inspecting\\.test\\.mjs`), name);
      }
      await endpoint.close();
    }, refuse));
}
