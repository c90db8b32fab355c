import { Client } from 'wireql/js';
import { openKept } from './kept.mjs';

export const open = (options) => openKept(Client, options);
