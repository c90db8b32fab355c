// Arguments, as Node's own parser reads them.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Failure } from './failure.js';

/** Reads arguments; what is wrong with them is told with what to do. */
export const parsed = <const Options extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: Options) => {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error: any) {
    if (!String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
    // Node's message names the option; the further lines are about values that begin with a dash.
    const [message] = error.message.split(/\.(?:\s|$)/);
    throw new Failure(`${message}. \`wireql --help\` lists the options`);
  }
};
