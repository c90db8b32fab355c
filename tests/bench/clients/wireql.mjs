import { Client } from 'wireql';
import { openKept } from './kept.mjs';

export const open = (options) => openKept(Client, options);
