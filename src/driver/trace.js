// What happens on a connection as lines of a transcript, for the option `trace`. `tests/trace/mod.rs` writes
// them in the same way: a user's log is a test.

import { call } from './callbacks.js';

/** Stands in a trace for what may be secret. */
export const redacted = '{"redacted":true}';

const INIT = '{"type":"connection_init","payload":';

/** A URL without user, password, query and fragment; the core has the same. */
export const withoutSecrets = (url) => url.replace(/[?#].*$/s, '').replace(/(:\/\/)[^/]*@/, '$1');

/** `what`: a text, or a frame. Behind it stands the error, if there is one. */
export const trace = (host, mark, what, error) => {
  const { user, made } = host;
  if (user.trace === undefined) return;
  let text = typeof what === 'string' ? what : JSON.stringify(what);
  if (mark === '>' && text.startsWith(INIT)) text = `${INIT}${redacted}}`;
  if (error !== undefined) text += ` ${told(error)}`;
  const at = String(Math.floor(performance.now()) - Math.floor(made)).padEnd(6);
  // One line it must stay.
  call(user.trace, `at ${at} ${mark} ${text.trimEnd().replace(/\p{Cc}/gu, ' ')}`);
};

const told = ({ code, ends, message, closeCode, reason, wasClean, option, timeout }) => {
  let detail = '';
  if (closeCode !== undefined) detail = ` [${closeCode}${wasClean ? '' : ' unclean'}${reason && ` ${reason}`}]`;
  if (option !== undefined) detail = ` [${option} ${timeout}]`;
  return `${code} ends ${ends}: ${message}${detail}`;
};

/** The times and the flag among the options as the first line tells them: those set otherwise than by default. */
export const optionsLine = (subprotocols, times, answerPings) => {
  const [, , , , pingInterval] = times;
  const half = Number.isFinite(pingInterval) ? Math.ceil(pingInterval / 2) : Infinity;
  const defaults = [10_000, 10_000, 10_000, Infinity, Infinity, half];
  const names = ['connectTimeout', 'ackTimeout', 'closeTimeout', 'keepAliveTimeout', 'pingInterval', 'pongTimeout'];
  let line = 'options url=function initPayload=function';
  if (subprotocols !== 'graphql-transport-ws,graphql-ws') line += ` subprotocols=${subprotocols}`;
  times.forEach((time, n) => {
    if (time !== defaults[n]) line += ` ${names[n]}=${Number.isFinite(time) ? time : null}`;
  });
  return answerPings ? line : `${line} answerPings=false`;
};
