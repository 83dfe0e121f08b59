import { authorization } from "./speech.js";

/**
 * Fill the lists with the models and voices that the server has; without an answer they stay as they are.
 *
 * @param {HTMLSelectElement} models
 * @param {HTMLSelectElement} voices
 * @param {string} key empty for none
 */
export async function fillLists(models, voices, key) {
  const [listedModels, listedVoices] = await Promise.all([
    listed("./v1/models", key),
    listed("./v1/audio/voices", key),
  ]);
  fill(models, listedModels);
  fill(voices, listedVoices);
}

/**
 * @param {string} url
 * @param {string} key
 * @returns {Promise<string[]>}
 */
async function listed(url, key) {
  try {
    const response = await fetch(url, { headers: authorization(key) });
    const answer = response.ok ? await response.json() : { data: [] };
    return answer.data.map((/** @type {{id: string}} */ { id }) => id);
  } catch {
    return []; // asking for speech will tell what is wrong
  }
}

/**
 * @param {HTMLSelectElement} list
 * @param {string[]} names
 */
function fill(list, names) {
  if (!names.length) return;
  const chosen = list.value;
  list.replaceChildren(...names.map((name) => new Option(name)));
  if (names.includes(chosen)) list.value = chosen;
}
