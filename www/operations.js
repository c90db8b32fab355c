// The operations that run, or ran: each with its results, its rate and its errors.
import { Recent, soon } from './recent.js';

/** So many results of an operation are shown. Others are counted. */
const SHOWN = 100;
/** So many operations that are over stay. */
const STAY = 5;
/** Rates are those of so many milliseconds. */
const WINDOW = 2_000;

const plural = (count, what) => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const toItem = ({ count, result, notice }) => {
  if (notice === undefined) return make('li', { value: count, textContent: JSON.stringify(result) });
  return make('li', { className: 'notice', textContent: notice });
};

const worded = ({ type, error, lostAt, resumedAt, attempts }) =>
  type === 'interrupted' ? `connection lost: ${error.message}` : `resumed after ${resumedAt - lostAt} ms, ${plural(attempts, 'attempt')}`;

/** Makes the region. */
export const makeOperations = (region) => {
  let total = 0;

  /** Runs `start`, which gets what hears of notices, and shows what comes of it until it is over. */
  const run = async (title, start) => {
    const list = make('ol', { className: 'results', reversed: true, tabIndex: 0 });
    list.setAttribute('aria-label', `Results of ${title}, newest first`);
    const summary = make('p', { className: 'summary' });
    const problem = make('p', { className: 'problem', hidden: true });
    problem.setAttribute('role', 'alert');
    const stop = make('button', { type: 'button', className: 'stop', textContent: 'Stop' });
    stop.setAttribute('aria-label', `Stop ${title}`);
    const card = make('article', { className: 'operation' }, make('h2', {}, title), stop, summary, problem, list);
    card.dataset.state = 'running';
    card.setAttribute('aria-label', title);
    region.prepend(card);

    const items = new Recent(list, SHOWN, toItem);
    let [count, state] = [0, 'Running'];
    const began = performance.now();
    let marks = [[began, 0]];
    const draw = () => {
      const now = performance.now();
      if (marks.length > 1 && now - marks[1][0] > WINDOW) marks.shift();
      if (now - marks.at(-1)[0] > WINDOW / 4) marks.push([now, count]);
      const [since, before] = marks[0];
      const rate = now > since ? Math.round(((count - before) * 1_000) / (now - since)) : 0;
      const pace = state === 'Running' ? `, ${rate}/s` : ` in ${Math.round(now - began)} ms`;
      summary.textContent = `${state}: ${plural(count, 'result')}${pace}`;
      if (state === 'Running') setTimeout(() => soon(draw), 250);
    };

    const results = start((notice) => items.add({ notice: worded(notice) }));
    stop.addEventListener('click', () => results.return());
    draw();
    let error;
    state = 'Running';
    try {
      for await (const result of results) {
        count += 1;
        total += 1;
        items.add({ count, result });
      }
      state = 'Ended';
    } catch (thrown) {
      [state, error] = ['Failed', thrown];
    }
    card.dataset.state = state.toLowerCase();
    stop.remove();
    problem.hidden = error === undefined;
    problem.textContent = error ? `${error.name}: ${error.message}` : '';
    draw();
    [...region.querySelectorAll('.operation:not([data-state=running])')].slice(STAY).forEach((old) => old.remove());
  };

  return { run, total: () => total };
};
