// What a server says is shown in a terminal, which obeys some characters.

/** Characters that terminals obey, but for tabs and the ends of lines. */
const obeyed = /[\0-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text of somebody else's, fit for a terminal: such characters as JSON has them, or as `instead`. */
export const harmless = (text: string, instead?: string): string =>
  text.replace(obeyed, (character) => instead ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
