/** Everything up to the last end of a sentence or of a line, with the space after it. */
const COMPLETE = /^[^]*(?:[.!?\u2026]["'\u2019\u201d)\]*_]*\s+|\n\s*)/;
/** Text that ends like a sentence; after a digit, a full stop may still become a decimal point. */
const STOPPED = /(?:[^\d][.\u2026]|[!?])["'\u2019\u201d)\]*_]*$/;
/** Milliseconds without a key after which what ends like a sentence is one. */
const PAUSE = 700;

/**
 * Takes text out of a box while it is typed, sentence by sentence, so that the box holds what can still be changed.
 * Where sentences end is the server's decision; here it only matters what a writer may want to correct.
 */
export class LiveBox {
  #box;
  #checkbox;
  #write;
  #pause = 0;
  #held = false;

  /**
   * @param {HTMLTextAreaElement} box
   * @param {HTMLInputElement} checkbox whether to do so
   * @param {(text: string, flush: boolean) => void} write takes the text, which with `flush` is to be spoken at once;
   *   it is called in the handler of a key, or shortly after it
   */
  constructor(box, checkbox, write) {
    this.#box = box;
    this.#checkbox = checkbox;
    this.#write = write;
    box.addEventListener("input", (event) => /** @type {InputEvent} */ (event).isComposing || this.#typed());
    box.addEventListener("compositionend", () => this.#typed());
    box.addEventListener("keydown", (event) => this.#sendOnEnter(event));
  }

  get isOn() {
    return this.#checkbox.checked;
  }

  /** Give out everything in the box, complete or not. */
  flush() {
    this.#held = false;
    this.#write(`${this.#take()}\n`, true);
  }

  /**
   * Put text back that could not be spoken, and give nothing out until `flush` is called.
   *
   * @param {string} text
   */
  putBack(text) {
    this.pause();
    this.#held = true;
    this.#box.setRangeText(text, 0, 0, "preserve");
  }

  /** Give nothing out before the next key. */
  pause() {
    clearTimeout(this.#pause);
  }

  #typed() {
    this.pause();
    if (!this.isOn || this.#held) return;
    const complete = COMPLETE.exec(this.#box.value)?.[0] ?? "";
    if (complete.trim()) this.#write(this.#take(complete.length), false);
    if (STOPPED.test(this.#box.value)) this.#pause = setTimeout(() => this.#write(this.#take(), true), PAUSE);
  }

  /** @param {KeyboardEvent} event */
  #sendOnEnter(event) {
    const withModifier = event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
    if (!this.isOn || event.key !== "Enter" || withModifier || event.isComposing) return;
    event.preventDefault();
    this.#box.form?.requestSubmit();
  }

  #take(length = this.#box.value.length) {
    this.pause();
    const text = this.#box.value.slice(0, length);
    this.#box.setRangeText("", 0, length, "preserve");
    return text;
  }
}
