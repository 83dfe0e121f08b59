import { Code } from "./code.js";
import { element } from "./dom.js";
import { SpeechForm } from "./form.js";
import { FORMATS } from "./formats.js";
import { LiveBox } from "./live_box.js";
import { LiveUtterance } from "./live_utterance.js";
import { ClipPanel } from "./panel.js";
import { waitUntilReady } from "./readiness.js";
import { Replay } from "./replay.js";
import { speak, SpeechError } from "./speech.js";
import { Utterance } from "./utterance.js";

const form = new SpeechForm();
const panel = new ClipPanel();
const code = new Code();
const box = new LiveBox(form.text, form.live, write);
const stopButton = element("stop", HTMLButtonElement);

/** @type {Utterance | Replay | undefined} */
let sounding;
/** @type {import("./recording.js").Recording | undefined} */
let recording;
let watching = false; // whether the page waits until the server is ready

form.element.addEventListener("submit", (event) => {
  event.preventDefault();
  speakText();
});
form.element.addEventListener("input", describe);
form.live.addEventListener("change", changeMode);
stopButton.addEventListener("click", stop);
element("again", HTMLButtonElement).addEventListener("click", playAgain);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    speakText();
  } else if (event.key === "Escape" && sounding) {
    stop();
  }
});
element("without-scripts", HTMLElement).hidden = true;
changeMode();
describe();
say("Ctrl+Enter speaks, Esc stops.");
watchReadiness();

function speakText() {
  complain("");
  if (!form.text.value.trim()) {
    complain("Type something to speak first.");
    form.text.focus();
  } else if (box.isOn) {
    box.flush();
  } else {
    speakAll();
  }
}

function speakAll() {
  sounding?.stop();
  const { request, apiKey } = form;
  panel.begin(request.input);
  const format = FORMATS[request.response_format];
  follow(new Utterance(format, (signal) => speak(request, apiKey, signal), panel.waveform, panel.transcript));
  if (!form.playsAtOnce) say("Waiting for all of the clip…");
}

/**
 * @param {string} text
 * @param {boolean} flush whether to speak it at once, complete or not
 */
function write(text, flush) {
  const utterance = liveUtterance();
  utterance?.append(text);
  if (flush) utterance?.flush();
  if (!utterance) box.putBack(text);
}

/** The one to which text can be added; undefined if there cannot be any, which the page tells. */
function liveUtterance() {
  if (sounding instanceof LiveUtterance && sounding.isOpen) return sounding;
  complain("");
  try {
    const { requestWithoutText, apiKey } = form;
    const utterance = new LiveUtterance(requestWithoutText, apiKey, panel.waveform, panel.transcript);
    sounding?.stop();
    panel.begin("");
    follow(utterance);
    return utterance;
  } catch (error) {
    report(error);
  }
}

/** @param {Utterance} utterance */
async function follow(utterance) {
  const begun = performance.now();
  say("Waiting for the first sound…");
  utterance.begun.then((time) => {
    if (sounding !== utterance) return;
    panel.tellFirstSound(time - begun);
    say(utterance instanceof LiveUtterance ? "Speaking what you type…" : "Speaking…");
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
  if (utterance instanceof LiveUtterance && utterance.failure) {
    const unspoken = panel.transcript.takeRest();
    if (!utterance.stopped) box.putBack(unspoken);
  }
  if (utterance.recording.size === 0) {
    panel.hide();
    return;
  }
  recording = utterance.recording;
  panel.offer(recording, utterance.usage, utterance.usage ? utterance.told : 0);
  if (utterance.failure && !utterance.stopped) report(utterance.failure);
}

function stop() {
  box.pause();
  sounding?.stop();
}

function changeMode() {
  box.pause();
  if (box.isOn) {
    // The visitor has not written it.
    if (form.text.value === form.text.defaultValue) form.text.value = "";
    form.text.before(panel.transcript.element);
  } else {
    if (sounding instanceof LiveUtterance) sounding.end();
    panel.showTranscript();
  }
}

function describe() {
  code.show(form.request, { withKey: form.apiKey !== "", live: box.isOn });
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
