import { element } from "./dom.js";
import { curlCommand, pythonProgram } from "./snippets.js";

/** A text with a button that copies it. */
class Snippet {
  /** @param {string} id */
  constructor(id) {
    this.element = element(id, HTMLElement);
    this.copied = element(`${id}-copied`, HTMLElement);
    element(`copy-${id}`, HTMLButtonElement).addEventListener("click", () => this.#copy());
  }

  /** @param {string} text */
  show(text) {
    // What was copied is still true when the page shows the same again, as after the lists of models have come.
    if (text === this.element.textContent) return;
    this.element.textContent = text;
    this.copied.textContent = "";
  }

  async #copy() {
    const copied = await copy(this.element);
    this.copied.textContent = copied ? "Copied." : "Press Ctrl+C to copy what is selected.";
  }
}

/** The request as a command and as a program. */
export class Code {
  #curl = new Snippet("curl");
  #python = new Snippet("python");

  constructor() {
    element("code", HTMLElement).hidden = false;
  }

  /**
   * @param {import("./speech.js").SpeechRequest} request
   * @param {boolean} withKey
   */
  show(request, withKey) {
    const base = new URL("./v1", document.baseURI).href;
    this.#curl.show(curlCommand(base, request, withKey));
    this.#python.show(pythonProgram(base, request, withKey));
  }
}

/**
 * @param {HTMLElement} snippet
 * @returns {Promise<boolean>} whether the text was copied; if not, it is selected
 */
async function copy(snippet) {
  // Pages on insecure origins have no clipboard API, only this older command.
  if (!navigator.clipboard) {
    getSelection()?.selectAllChildren(snippet);
    return document.execCommand("copy");
  }
  try {
    await navigator.clipboard.writeText(snippet.textContent ?? "");
    return true;
  } catch {
    getSelection()?.selectAllChildren(snippet);
    return false;
  }
}
