// Which code the first half minute of a visit runs: opens the page in Node, in a window without a screen, with a copy
// of the module that writes down where it has been.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Window } from "happy-dom";
import { optionsOf } from "../../src/ui/embed/options.js";
import { WORDS } from "../../src/ui/embed/words.js";
import { Reader, SECTION, concat, s32, u32, writeModule } from "./binary.mjs";
import { OP } from "./instructions.mjs";

const EDITOR = new URL("./still-editor.js", import.meta.url).href;
const HOST = "http://localhost";
// Fast and slow displays, and a tab that is looked at again: time is cut differently, so other code runs.
const PAGE_VISITS = [
  { language: "en", frames: 2_000, frameMs: 16.7 },
  { language: "zh-CN", frames: 800, frameMs: 50 },
  { language: "en-GB", frames: 200, frameMs: 400 },
];
// Readers of other pages play, stop, step, scrub, mark; and so does a script in those pages. With the element's attributes.
const PLAYER_VISITS = [
  { language: "en", frames: 900, frameMs: 16.7, player: {} },
  { language: "zh-CN", frames: 400, frameMs: 50, player: { at: "start", markers: "commands", "pause-on-markers": "" } },
  { language: "en", frames: 400, frameMs: 50, player: { mode: "player", lang: "zh-CN", theme: "dark", at: "12.5s", markers: "1 5s", readonly: "" } },
  { language: "zh-CN", frames: 400, frameMs: 50, player: { lang: "en", theme: "light", at: "end", storage: "local" } },
];
// What each part is made for, in the order in which they are loaded.
const VISITS = [PLAYER_VISITS, PAGE_VISITS];
const STEPS = ["decision", "write", "phase"].flatMap((unit) => ["forward", "back"].map((direction) => ({ type: "step", unit, direction })));
const ASKED = [
  { type: "play" }, { type: "pause" }, ...[0, 2, 12, 3.25, 7.5e-1].map((at) => ({ type: "seek", at })), ...STEPS, { type: "step" },
  { type: "getState" },
];
const PAGE = 65_536;

/** The memory's size in pages, with `more` of them. */
function grownMemory(bytes, more) {
  const reader = new Reader(bytes);
  const hasMax = reader.byte() & 1;
  const pages = reader.u32();
  return { pages, bytes: concat(hasMax, u32(pages + more), hasMax ? u32(reader.u32() + more) : []) };
}

/** Every stretch stores a 1 behind the memory the program knows of when it begins. */
function withMarks(module, functions) {
  const count = functions.reduce((sum, { points }) => sum + points.length, 0);
  const memory = grownMemory(module[SECTION.memory][0], Math.ceil(count / PAGE));
  let place = memory.pages * PAGE;
  const code = functions.map(({ body, points }) => {
    let at = 0;
    const parts = points.map((point) => {
      const before = body.subarray(at, point);
      at = point;
      return concat(before, OP.i32Const, s32(place++), OP.i32Const, 1, OP.i32Store8, 0, 0);
    });
    return concat(parts, body.subarray(at));
  });
  const marked = { ...module, [SECTION.memory]: [memory.bytes], [SECTION.code]: code };
  return { bytes: writeModule(marked), from: memory.pages * PAGE, count };
}

/** Frames are drawn and timers run when the function it gives says so, and as much later as it says. */
function withClock(window) {
  let now = 0;
  let waiting = [];
  const later = (callback, delay = 0) => waiting.push({ callback, due: now + delay });
  Object.assign(window, {
    requestAnimationFrame: (callback) => later(() => callback(now)),
    cancelAnimationFrame: () => {},
    setTimeout: later,
    clearTimeout: () => {},
  });
  Object.defineProperty(window, "performance", { value: { now: () => now } });
  return async (milliseconds) => {
    now += milliseconds;
    const due = waiting.filter((one) => one.due <= now);
    waiting = waiting.filter((one) => one.due > now);
    due.forEach(({ callback }) => callback());
    // Leptos draws in microtasks.
    await new Promise((resolve) => setImmediate(resolve));
  };
}

/** What a part's address answers: the one for the page nothing, the rest never comes. */
const [PAGE_PART, REST_PART] = ["/page.wasm", "/rest.wasm"];
const NO_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

async function answer(folder, path) {
  if (path === REST_PART) return new Promise(() => {});
  if (path === PAGE_PART) return new Response(NO_MODULE, { headers: { "content-type": "application/wasm" } });
  return new Response(readFileSync(join(folder, path)));
}

/** Makes a window without a screen the one that scripts find; gives it with its clock. */
function withWindow({ glue, html }, language, hash = "") {
  const window = new Window({ url: `${HOST}/${hash}`, settings: { disableJavaScriptFileLoading: true, disableCSSFileLoading: true } });
  Object.defineProperty(window.navigator, "language", { value: language });
  window.document.write(html.replace(/<script[^]*?<\/script>/g, "").replace(/content="\S*editor\S*\.js"/, `content="${EDITOR}"`)
    .replace(/(<meta name="rest-module" content=)"[^"]*"/, `$1".${PAGE_PART} .${REST_PART}"`));
  const frame = withClock(window);
  const names = Object.getOwnPropertyNames(window).filter((name) => /^[A-Z]/.test(name) && !(name in globalThis));
  const globals = { window, self: window, document: window.document, navigator: window.navigator };
  for (const name of names) globals[name] = window[name];
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  globalThis.Window = window.constructor;
  // The page around, where there is one.
  globalThis.parent = { postMessage: () => {} };
  globalThis.addEventListener = window.addEventListener.bind(window);
  globalThis.fetch = (url) => answer(dirname(glue), new URL(url).pathname);
  return { window, frame };
}

/** The address's end for a player that shows the recorded opening, as the element writes it. */
async function playerHash({ glue, html }, attributes) {
  const { window } = withWindow({ glue, html: "" }, "en");
  const element = window.document.createElement("statefulset-playground");
  const [, opening] = html.match(/<meta name="opening" content="([^"]+)"/);
  for (const [name, value] of Object.entries({ ...attributes, recording: opening })) element.setAttribute(name, value);
  const options = await optionsOf(element, { version: 1, host: HOST }, WORDS.en);
  await window.happyDOM.abort();
  return `#embed=${encodeURIComponent(JSON.stringify(options))}`;
}

/** What a reader, and the page around, do in frame number `count`. */
function act(window, count) {
  const event = (name) => new window.Event(name, { bubbles: true, composed: true });
  const at = (selector, name, index = 0, value) => {
    const element = window.document.querySelectorAll(`.time ${selector}`)[index];
    if (element && value !== undefined) element.value = value;
    element?.dispatchEvent(event(name));
  };
  const click = (selector, index) => ["pointermove", "pointerdown", "pointerup", "click"].forEach((name) => at(selector, name, index));
  const key = (name, shiftKey = false) => window.document.body.dispatchEvent(
    Object.assign(event("keydown"), { key: name, shiftKey, ctrlKey: false, metaKey: false, altKey: false }));
  const ask = (message, id) => window.dispatchEvent(Object.assign(event("message"), {
    source: globalThis.parent, origin: HOST, data: { protocol: "statefulset-playground", version: 1, id, ...message },
  }));
  const steps = [
    () => click(".time__play"),
    ...[0, 1, 2, 3, 4, 5].map((index) => () => click(".time__transport button", index)),
    () => at(".time__range", "input", 0, "3000"),
    ...["1x", "5x"].map((speed) => () => at("select", "change", 0, speed)),
    () => at("input[type=checkbox]", "change"),
    ...["decision", "phase", "write"].map((unit) => () => at("select", "change", 1, unit)),
    ...["ArrowRight", "ArrowLeft", "Home", "m", "[", "]", "End", " ", "x", "Escape"].map((name) => () => key(name)),
    ...["ArrowLeft", "ArrowRight"].map((name) => () => key(name, true)),
    ...ASKED.map((message, id) => () => ask(message, id + 1)),
    () => at(".time__range", "input", 0, "1000"),
    () => click(".time__play"),
  ];
  steps[(count - 5) / 5]?.();
}

/** Somebody stops the time and asks for another language: what is done while the rest is on its way. */
async function leave(window, frame) {
  const click = (selector) => window.document.querySelector(selector)?.dispatchEvent(new window.Event("click", { bubbles: true, composed: true }));
  click(".time__play");
  for (let count = 0; count < 5; count++) await frame(200);
  click(".header > [lang]");
  for (let count = 0; count < 5; count++) await frame(200);
}

let visits = 0;

/** Opens the page and watches it for a while; gives the memory it leaves. */
async function visit(page, wasm, { language, frames, frameMs, player }) {
  const hash = player && await playerHash(page, player);
  const { window, frame } = withWindow(page, language, hash);
  if (player) window.name = "StatefulSet Playground 1";
  const script = await import(`${pathToFileURL(page.glue)}?visit=${++visits}`);
  const { memory } = await script.default({ module_or_path: wasm });
  for (let count = 0; count < frames; count++) {
    await frame(frameMs);
    if (player) act(window, count);
  }
  if (!player) await leave(window, frame);
  if (!/web-2/.test(window.document.body.textContent)) throw new Error("the rehearsed page shows no Pods");
  await window.happyDOM.abort();
  return memory;
}

/** Records the page's opening with the page's own engine; gives the bytes. */
export async function recordOpening(page, wasm) {
  // Without a place for it no application starts.
  const { window } = withWindow({ ...page, html: '<meta name="rest-module" content="">' }, "en");
  const script = await import(`${pathToFileURL(page.glue)}?recording`);
  await script.default({ module_or_path: wasm });
  const bytes = script.record_opening();
  await window.happyDOM.abort();
  return bytes;
}

/**
 * For each function, given as `{body, points}` with the places where stretches begin: the number of the first kind of
 * visit in which each place ran, or the number of kinds if it never did.
 */
export async function rehearse(module, functions, page) {
  const { bytes: wasm, from, count } = withMarks(module, functions);
  const parts = new Uint8Array(count).fill(VISITS.length);
  for (const [part, visits] of VISITS.entries()) {
    for (const one of visits) {
      const { buffer } = await visit(page, wasm, one);
      new Uint8Array(buffer, from, count).forEach((mark, index) => {
        if (mark) parts[index] = Math.min(parts[index], part);
      });
    }
  }
  let next = 0;
  return functions.map(({ points }) => new Map(points.map((point) => [point, parts[next++]])));
}
