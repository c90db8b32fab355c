// The listeners of a client.

import { call } from '../../../src/driver/callbacks.js';
import type { ClientOptions, Event, EventListener } from './types.js';

const EVENTS: readonly Event[] = ['connecting', 'opened', 'connected', 'ping', 'pong', 'message', 'closed', 'error'];

export class Emitter {
  readonly #listeners = new Map<Event, Function[]>();

  /** `first`: the option `on`. */
  constructor(first: ClientOptions['on']) {
    for (const event of EVENTS) {
      const listener = first?.[event];
      this.#listeners.set(event, listener ? [listener] : []);
    }
  }

  /** Adds a listener, and returns the function that removes it. */
  on<E extends Event>(event: E, listener: EventListener<E>): () => void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined) throw new TypeError(`unknown event: the events are ${EVENTS.join(', ')}`);
    listeners.push(listener);
    return () => {
      const at = listeners.indexOf(listener);
      if (at >= 0) listeners.splice(at, 1);
    };
  }

  /** Calls the listeners. What one throws is thrown, and those behind it are not called. */
  emit<E extends Event>(event: E, ...told: Parameters<EventListener<E>>): void {
    // A copy, as listeners may add and remove some.
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...told);
  }

  /** The same where nobody could catch it: what a listener throws is reported as uncaught. */
  tell<E extends Event>(event: E, ...told: Parameters<EventListener<E>>): void {
    call(() => this.emit(event, ...told));
  }
}
