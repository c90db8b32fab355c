// What goes over the wire: the lines of the client's trace, newest first.
import { Recent } from './recent.js';

/** So many are shown, and so many kept for a transcript: older ones are dropped. */
const [SHOWN, KEPT] = [50, 20_000];

const form = /^at (\d+) +([!<>=]) ?([^]*)$/;
const longest = 500;

const toItem = (line) => {
  const [, at, mark, text] = form.exec(line);
  const item = document.createElement('li');
  item.dataset.mark = mark;
  const what = { '>': 'sent', '<': 'received' }[mark];
  const label = Object.assign(document.createElement('span'), { className: 'what', textContent: `${at} ${mark}`, title: what });
  item.append(label, text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text);
  return item;
};

/** Makes the list. The elements are found by `element`. */
export const makeFrames = (element, { say }) => {
  const list = new Recent(element('frames'), SHOWN, toItem);
  let [lines, dropped, isPaused] = [[], 0, false];
  let [filter, direction] = ['', ''];

  const isShown = (line) => {
    const mark = line[line.search(/[!<>=]/)];
    if (mark !== '<' && mark !== '>') return false;
    return (direction === '' || mark === direction) && (filter === '' || line.toLowerCase().includes(filter));
  };

  const refresh = () => {
    [filter, direction] = [element('filter').value.toLowerCase(), element('direction').value];
    const shown = [];
    for (let at = lines.length - 1; at >= 0 && shown.length < SHOWN; at -= 1) if (isShown(lines[at])) shown.push(lines[at]);
    list.replace(shown.reverse());
  };
  for (const id of ['filter', 'direction']) element(id).addEventListener('input', refresh);

  element('pause').addEventListener('click', () => {
    isPaused = !isPaused;
    element('pause').setAttribute('aria-pressed', isPaused);
    element('pause').textContent = isPaused ? 'Go on' : 'Pause';
    if (!isPaused) refresh();
  });

  element('copy').addEventListener('click', async () => {
    await navigator.clipboard.writeText(`# recorded in a page\n${lines.join('\n')}\n`);
    const rest = dropped > 0 ? `; the first ${dropped} are no longer there` : '';
    say(`copied ${lines.length} lines${rest}`);
  });

  return {
    /** Another client begins: a transcript is of one. */
    clear() {
      [lines, dropped] = [[], 0];
      list.replace([]);
    },
    add(line) {
      lines.push(line);
      // In large pieces: to take one from the front of a long array takes long.
      if (lines.length > 2 * KEPT) {
        dropped += lines.length - KEPT;
        lines = lines.slice(-KEPT);
      }
      if (!isPaused && isShown(line)) list.add(line);
    },
  };
};
