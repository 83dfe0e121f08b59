/** The text as it is written, with the current sentence marked, and as it is said. */
export class Transcript {
  /** @type {{element: HTMLElement, start: number, end: number}[]} */
  #sentences = [];
  #text = "";
  #shown = 0; // where the text begins for which no sentence has arrived yet
  #codePoints = 0; // the same position in code points, as the server counts
  /** @type {HTMLElement | undefined} */
  #marked;
  #rest = document.createElement("span");

  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} spoken a list of the sentences as they are said
   */
  constructor(element, spoken) {
    this.element = element;
    this.spoken = spoken;
  }

  /** @param {string} text */
  begin(text) {
    this.#sentences = [];
    this.#text = text;
    this.#shown = this.#codePoints = 0;
    this.#marked = undefined;
    this.#rest.className = "unspoken";
    this.element.replaceChildren(this.#rest);
    this.#showRest();
    this.element.scrollTop = 0;
    this.spoken.replaceChildren();
  }

  /** @param {string} text the next characters of a text that grows */
  append(text) {
    this.#text += text;
    this.#showRest();
  }

  /** Remove and return the text for which no sentence has arrived. */
  takeRest() {
    const rest = this.#text.slice(this.#shown);
    this.#text = this.#text.slice(0, this.#shown);
    this.#showRest();
    return rest;
  }

  /** @param {import("./speech.js").SentenceEvent} event */
  add({ text_start, text_end, start, end, spoken }) {
    const element = document.createElement("span");
    this.#rest.before(this.#upTo(text_start), element);
    element.append(this.#upTo(text_end));
    this.#showRest();
    this.#sentences.push({ element, start, end });
    const item = document.createElement("li");
    item.textContent = spoken;
    this.spoken.append(item);
  }

  /** @param {number} position seconds that have been played; Infinity at the end */
  mark(position) {
    const current = this.#sentences.find(({ start, end }) => start <= position && position < end)?.element;
    if (current === this.#marked) return;
    this.#marked?.removeAttribute("aria-current");
    this.#marked = current;
    current?.setAttribute("aria-current", "true");
    if (current) this.#keepInSight(current);
  }

  #showRest() {
    this.#rest.textContent = this.#text.slice(this.#shown);
    this.element.hidden = !this.#text;
  }

  /**
   * The text from `#shown` up to `offset` in code points; some code points are two of JavaScript's code units.
   *
   * @param {number} offset
   */
  #upTo(offset) {
    const begun = this.#shown;
    while (this.#codePoints < offset && this.#shown < this.#text.length) {
      this.#shown += /** @type {number} */ (this.#text.codePointAt(this.#shown)) > 0xffff ? 2 : 1;
      this.#codePoints += 1;
    }
    return this.#text.slice(begun, this.#shown);
  }

  /** @param {HTMLElement} sentence */
  #keepInSight(sentence) {
    const top = sentence.offsetTop - this.element.offsetTop;
    const bottom = top + sentence.offsetHeight;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop || bottom > scrollTop + clientHeight) this.element.scrollTop = top;
  }
}
