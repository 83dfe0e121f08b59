import { errorOf } from "./speech.js";

const SECONDS_BETWEEN = 5;

/**
 * Ask the server every few seconds whether it can speak, until it can.
 *
 * @param {(problem: string) => void} show called with the current problem; empty if there is none
 */
export async function waitUntilReady(show) {
  for (;;) {
    const problem = await problemNow();
    show(problem);
    if (!problem) return;
    await new Promise((resolve) => setTimeout(resolve, 1000 * SECONDS_BETWEEN));
  }
}

/** @returns {Promise<string>} */
async function problemNow() {
  try {
    const response = await fetch("./health/ready", { cache: "no-store" });
    return response.ok ? "" : (await errorOf(response)).message;
  } catch {
    return "The server cannot be reached.";
  }
}
