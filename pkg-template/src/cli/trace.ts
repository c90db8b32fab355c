// A transcript of the connection, written to a file as it happens.
import { openSync, writeSync } from 'node:fs';
import { Failure } from './failure.js';

/** The first line: a transcript has a title. */
const TITLE = '# recorded by wireql';

/**
 * Opens the file, and returns what writes a line to it. Each line is there at once, whatever ends the program. `isNew`: a
 * file that is there is not written over.
 */
export const openTrace = (file: string, isNew: boolean, onFailure: (failure: Failure) => void): ((line: string) => void) => {
  let descriptor: number | undefined;
  try {
    descriptor = file === '-' ? 2 : openSync(file, isNew ? 'wx' : 'w');
  } catch (error: any) {
    const why = error.code === 'EEXIST' ? 'it is there already; remove it, or give another name' : error.code;
    throw new Failure(`cannot write the transcript ${file}: ${why}`);
  }
  const write = (line: string) => {
    if (descriptor === undefined) return;
    try {
      writeSync(descriptor, `${line}\n`);
    } catch (error: any) {
      // A pipe that is full for the moment; nothing else can be done about it here.
      if (error.code === 'EAGAIN') return write(line);
      descriptor = undefined;
      onFailure(new Failure(`cannot write the transcript ${file}: ${error.code}`, 1));
    }
  };
  write(TITLE);
  return write;
};
