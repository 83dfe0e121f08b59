const NAME = "api-key";

/**
 * Keep the API key of a field while the tab is open, and nowhere else.
 *
 * @param {HTMLInputElement} field
 */
export function keepKey(field) {
  const storage = sessionStorageIfAllowed();
  field.value = storage?.getItem(NAME) ?? "";
  field.addEventListener("input", () => storage?.setItem(NAME, field.value));
}

/** Browsers throw if they do not allow this page to store anything. */
function sessionStorageIfAllowed() {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}
