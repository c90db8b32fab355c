import { Client, init } from 'wireql/web';
import { openKept } from './kept.mjs';

export async function open(options) {
  await init();
  return openKept(Client, options);
}
