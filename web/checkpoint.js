import { element } from "./dom.js";

/** @type {Record<string, string>} what there is to say of weights that are no release of Soprano */
const REMARKS = {
  builtin: "You hear builtin, the small voice in the box; the weights of Soprano sound better.",
  synthetic: "The weights are synthetic: they make noise, not speech.",
};

/**
 * Say which checkpoint speaks.
 *
 * @param {string | null} name null if that is not known
 */
export function tellCheckpoint(name) {
  const place = element("checkpoint", HTMLElement);
  place.hidden = !name;
  place.className = name && name in REMARKS ? "notice" : "note";
  place.textContent = name && (REMARKS[name] ?? `You hear ${name}.`);
}
