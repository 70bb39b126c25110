// Loads the second part of the split WebAssembly module (scripts/wasm/split.mjs). Its name stands in the page;
// an unsplit build has none, and never asks.
let first;
let rest;

function address() {
  const name = document.querySelector('meta[name="rest-module"]')?.content;
  return name && new URL(name, document.baseURI).href;
}

function begin(module) {
  rest ??= new WebAssembly.Instance(module, { first });
}

export function keep_first(exports) {
  first = exports;
}

/** Fetches the rest while nobody waits for it. */
export async function fetch_rest() {
  if (rest || !address()) return;
  try {
    begin(await WebAssembly.compileStreaming(fetch(address())));
  } catch {
    // It is asked for again when it is needed.
  }
}

/** Fetches the rest at the first sign that somebody is about to do something. */
export function fetch_when_used() {
  for (const sign of ["pointerdown", "keydown", "focusin"]) {
    window.addEventListener(sign, fetch_rest, { once: true });
  }
}

/** Whether nothing is missing. */
export function has_rest() {
  return Boolean(rest) || !address();
}

/** The rest is needed now, in the middle of a call. */
export function load_rest() {
  if (rest) return;
  const request = new XMLHttpRequest();
  request.open("GET", address(), false);
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status >= 400) throw new Error(`${address()}: ${request.status}; reload the page`);
  begin(new WebAssembly.Module(Uint8Array.from(request.responseText, (char) => char.charCodeAt(0))));
}
