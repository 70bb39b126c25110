// Which code the first half minute of a visit runs: opens the page in Node, in a window without a screen, with a copy
// of the module that writes down where it has been.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Window } from "happy-dom";
import { Reader, SECTION, concat, s32, u32, writeModule } from "./binary.mjs";
import { OP } from "./instructions.mjs";

const EDITOR = new URL("./still-editor.js", import.meta.url).href;
// Fast and slow displays, and a tab that is looked at again: time is cut differently, so other code runs.
const VISITS = [
  { language: "en", frames: 2_000, frameMs: 16.7 },
  { language: "zh-CN", frames: 800, frameMs: 50 },
  { language: "en-GB", frames: 200, frameMs: 400 },
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

/** Makes a window without a screen the one that scripts find; gives it with its clock. */
function withWindow({ glue, html }, language) {
  const window = new Window({ url: "http://localhost/", settings: { disableJavaScriptFileLoading: true, disableCSSFileLoading: true } });
  Object.defineProperty(window.navigator, "language", { value: language });
  window.document.write(html.replace(/<script[^]*?<\/script>/g, "").replace(/content="\S*editor\S*\.js"/, `content="${EDITOR}"`));
  const frame = withClock(window);
  const names = Object.getOwnPropertyNames(window).filter((name) => /^[A-Z]/.test(name) && !(name in globalThis));
  const globals = { window, self: window, document: window.document, navigator: window.navigator };
  for (const name of names) globals[name] = window[name];
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  globalThis.Window = window.constructor;
  globalThis.fetch = async (url) => new Response(readFileSync(join(dirname(glue), new URL(url).pathname)));
  return { window, frame };
}

/** Opens the page and watches it for a while; gives the memory it leaves. */
async function visit(page, wasm, { language, frames, frameMs }) {
  const { window, frame } = withWindow(page, language);
  const script = await import(`${pathToFileURL(page.glue)}?${language}`);
  const { memory } = await script.default({ module_or_path: wasm });
  for (let count = 0; count < frames; count++) await frame(frameMs);
  if (!/web-2/.test(window.document.body.textContent)) throw new Error("the rehearsed page shows no Pods");
  await window.happyDOM.abort();
  return memory;
}

/** Records the page's opening with the page's own engine; gives the bytes. */
export async function recordOpening(page, wasm) {
  // Without a place for it no application starts.
  const { window } = withWindow({ ...page, html: "" }, "en");
  const script = await import(`${pathToFileURL(page.glue)}?recording`);
  await script.default({ module_or_path: wasm });
  const bytes = script.record_opening();
  await window.happyDOM.abort();
  return bytes;
}

/** For each function, given as `{body, points}` with the places where stretches begin: the set of places that ran. */
export async function rehearse(module, functions, page) {
  const { bytes: wasm, from, count } = withMarks(module, functions);
  const marks = new Uint8Array(count);
  for (const one of VISITS) {
    const memory = await visit(page, wasm, one);
    new Uint8Array(memory.buffer, from, count).forEach((mark, index) => (marks[index] |= mark));
  }
  let next = 0;
  return functions.map(({ points }) => new Set(points.filter(() => marks[next++])));
}
