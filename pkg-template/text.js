// Bytes as text of printable ASCII, made so that gzip gets it as small as it gets the bytes: in base64,
// where a letter is six bits, it does not find the bytes again, and comes to a quarter more.
//
// The text begins with a bit for each byte, in hexadecimal, which says whether it is a frequent one. A
// frequent byte is one letter, any other is two.

/** What needs no escape in any kind of quotes. */
const LETTERS = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n)).filter((letter) => !'"\'`\\'.includes(letter));

/** How many letters are a byte by themselves; the others are the first of two. */
const SINGLE = 89;

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

/** The bytes in the order in which letters, and then pairs of letters, stand for them. */
const ordered = (isFrequent) => [...BYTES.filter(isFrequent), ...BYTES.filter((byte) => !isFrequent(byte))];

export const textOf = (bytes) => {
  const counts = BYTES.map(() => 0);
  for (const byte of bytes) counts[byte] += 1;
  const frequent = new Set([...BYTES].sort((a, b) => counts[b] - counts[a]).slice(0, SINGLE));
  const bits = BYTES.map((byte) => Number(frequent.has(byte))).join('');
  const letters = [];
  ordered((byte) => frequent.has(byte)).forEach((byte, place) => {
    const rest = place - SINGLE;
    letters[byte] =
      rest < 0 ? LETTERS[place] : LETTERS[SINGLE + Math.floor(rest / LETTERS.length)] + LETTERS[rest % LETTERS.length];
  });
  return bits.replace(/..../g, (four) => Number.parseInt(four, 2).toString(16)) + Array.from(bytes, (byte) => letters[byte]).join('');
};

export const bytesOf = (text) => {
  const order = ordered((byte) => Number.parseInt(text[byte >> 2], 16) & (8 >> (byte & 3)));
  const places = [];
  LETTERS.forEach((letter, place) => {
    places[letter.charCodeAt(0)] = place;
  });
  const bytes = [];
  for (let at = 64; at < text.length; at += 1) {
    let place = places[text.charCodeAt(at)];
    if (place >= SINGLE) {
      at += 1;
      place = SINGLE + (place - SINGLE) * LETTERS.length + places[text.charCodeAt(at)];
    }
    bytes.push(order[place]);
  }
  return Uint8Array.from(bytes);
};
