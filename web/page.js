import { Code } from "./code.js";
import { element } from "./dom.js";
import { SpeechForm } from "./form.js";
import { ClipPanel } from "./panel.js";
import { waitUntilReady } from "./readiness.js";
import { Replay } from "./replay.js";
import { SpeechError } from "./speech.js";
import { Utterance } from "./utterance.js";

const form = new SpeechForm();
const panel = new ClipPanel();
const code = new Code();
const stopButton = element("stop", HTMLButtonElement);

/** @type {Utterance | Replay | undefined} */
let sounding;
/** @type {import("./recording.js").Recording | undefined} */
let recording;
let watching = false; // whether the page waits until the server is ready

form.element.addEventListener("submit", (event) => {
  event.preventDefault();
  speak();
});
form.element.addEventListener("input", describe);
stopButton.addEventListener("click", stop);
element("again", HTMLButtonElement).addEventListener("click", playAgain);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    speak();
  } else if (event.key === "Escape" && sounding) {
    stop();
  }
});
element("without-scripts", HTMLElement).hidden = true;
describe();
say("Ctrl+Enter speaks, Esc stops.");
watchReadiness();

async function speak() {
  complain("");
  if (!form.text.value.trim()) {
    complain("Type something to speak first.");
    form.text.focus();
    return;
  }
  sounding?.stop();
  const begun = performance.now();
  panel.begin(form.text.value);
  const utterance = new Utterance(form.request, form.apiKey, panel.waveform, panel.transcript);
  say(form.playsAtOnce ? "Waiting for the first sound…" : "Waiting for all of the clip…");
  utterance.begun.then((time) => {
    if (sounding !== utterance) return;
    panel.tellFirstSound(time - begun);
    say("Speaking…");
  });
  await hear(utterance, () => offer(utterance));
}

async function playAgain() {
  if (!recording) return;
  sounding?.stop();
  say("Playing again…");
  await hear(new Replay(recording));
}

/**
 * @param {Utterance | Replay} sound
 * @param {() => void} [received] called when no more of it will arrive
 */
async function hear(sound, received) {
  sounding = sound;
  stopButton.disabled = false;
  panel.follow(sound);
  let ending = "";
  try {
    await sound.playToEnd(received);
    ending = sound.failure ? "Cut off." : "Done.";
  } catch (error) {
    if (sounding === sound && !sound.stopped) report(error);
  }
  // Another sound may have replaced this one.
  if (sounding === sound) finish(sound.stopped ? "Stopped." : ending);
}

/** @param {string} ending */
function finish(ending) {
  sounding = undefined;
  panel.leave(ending === "Done.");
  say(ending);
  if (document.activeElement === stopButton) element("speak", HTMLButtonElement).focus();
  stopButton.disabled = true;
}

/** @param {Utterance} utterance */
function offer(utterance) {
  if (sounding !== utterance) return;
  if (utterance.recording.size === 0) {
    panel.hide();
    return;
  }
  recording = utterance.recording;
  panel.offer(recording, utterance.usage, utterance.usage ? utterance.told : 0);
  if (utterance.failure && !utterance.stopped) report(utterance.failure);
}

function stop() {
  sounding?.stop();
}

function describe() {
  code.show(form.request, form.apiKey !== "");
}

/** @param {unknown} error */
function report(error) {
  if (!(error instanceof SpeechError)) {
    complain(error instanceof Error ? error.message : String(error));
    return;
  }
  const seconds = error.retryAfter;
  const hint = seconds ? ` Try again in ${seconds} ${seconds === "1" ? "second" : "seconds"}.` : "";
  complain(error.message + hint);
  if (error.status === 401) askForKey(error.message);
  if (error.status === 503) watchReadiness();
}

/** @param {string} message */
function askForKey(message) {
  complain(`${message} Enter a key of this server in the field “API key”.`);
  form.key.focus();
}

/** @param {string} message empty to remove the message */
function complain(message) {
  element("error", HTMLElement).textContent = message;
}

/** @param {string} message */
function say(message) {
  element("status", HTMLElement).textContent = message;
}

async function watchReadiness() {
  if (watching) return;
  watching = true;
  const notice = element("notice", HTMLElement);
  await waitUntilReady((problem) => {
    notice.hidden = !problem;
    notice.textContent = problem && `Speech cannot be made yet. ${problem} This page looks again every few seconds.`;
  });
  watching = false;
  form.list(); // the server can name its checkpoint now
}
