// A list of the most recent things, however many come: what the page holds and draws is bounded, and drawn in batches.

/** How often the page is drawn anew, in milliseconds. */
const PACE = 100;

const waiting = new Set();
let timer;

/** One of them a frame, so that no frame takes long. */
const draw = () => {
  const [callback] = waiting;
  waiting.delete(callback);
  callback();
  timer = undefined;
  if (waiting.size > 0) wait(0);
};

const wait = (time) => {
  timer ??= setTimeout(() => requestAnimationFrame(draw), time);
};

/** Calls back once, with the next drawing. A page in the background is not drawn. */
export const soon = (callback) => {
  waiting.add(callback);
  wait(PACE);
};

/** The newest of many, which are shown first. `toItem` makes the element of one. */
export class Recent {
  #element;
  #most;
  #toItem;
  #pending = [];

  constructor(element, most, toItem) {
    this.#element = element;
    this.#most = most;
    this.#toItem = toItem;
  }

  add(one) {
    this.#pending.push(one);
    // What comes before the next drawing and would not be seen in it.
    if (this.#pending.length > 2 * this.#most) this.#pending = this.#pending.slice(-this.#most);
    soon(this.#draw);
  }

  /** Shows these alone. */
  replace(all) {
    this.#pending = all.slice(-this.#most);
    this.#element.replaceChildren();
    this.#draw();
  }

  #draw = () => {
    const shown = this.#pending.slice(-this.#most);
    this.#pending = [];
    for (let over = this.#element.childElementCount + shown.length - this.#most; over > 0; over -= 1) {
      this.#element.lastElementChild.remove();
    }
    this.#element.prepend(...shown.reverse().map(this.#toItem));
  };
}
