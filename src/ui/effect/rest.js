// Loads the other parts of the split WebAssembly module (scripts/wasm/split.mjs): what the page has beyond a player, and
// what a first visit does not need. Their names stand in the page; an unsplit build has none, and never asks.
const PAGE = 0;
const parts = (document.querySelector('meta[name="rest-module"]')?.content ?? "").split(" ").filter(Boolean)
  .map((name) => ({ address: new URL(name, document.baseURI).href, module: undefined, instance: undefined }));
let first;

/** Fetches a part. */
function compiled(part) {
  part.module ??= WebAssembly.compileStreaming(fetch(part.address)).catch((error) => {
    part.module = undefined; // it is asked for again when it is needed
    throw error;
  });
  return part.module;
}

/** Whether the page around asks for a player, which needs no more. */
function isPlayer() {
  const [, options] = document.location.hash.match(/^#embed=(.*)$/) ?? [];
  try {
    return options !== undefined && (JSON.parse(decodeURIComponent(options)).mode ?? "player") === "player";
  } catch {
    return false;
  }
}

// On its way together with the first part.
if (parts.length && !isPlayer()) compiled(parts[PAGE]).catch(() => {});

function begin(part, module) {
  part.instance ??= new WebAssembly.Instance(module, { first });
}

async function fetch_parts(wanted) {
  try {
    const modules = await Promise.all(wanted.map((part) => part.instance ?? compiled(part)));
    wanted.forEach((part, index) => begin(part, modules[index]));
  } catch {
    // They are asked for again when they are needed.
  }
}

export function keep_first(exports) {
  first = exports;
}

/** Fetches what a visit needs at once: everything, or what it shows of a recording. */
export function fetch_first(everything) {
  if (everything) return fetch_parts(parts);
  return isPlayer() ? Promise.resolve() : fetch_parts(parts.slice(PAGE, PAGE + 1));
}

/** Fetches everything while nobody waits for it. */
export function fetch_rest() {
  return fetch_parts(parts);
}

/** Fetches everything at the first sign that somebody is about to do something. */
export function fetch_when_used() {
  for (const sign of ["pointerdown", "keydown", "focusin"]) {
    window.addEventListener(sign, fetch_rest, { once: true });
  }
}

/** Whether nothing is missing. */
export function has_rest() {
  return parts.every(({ instance }) => instance);
}

/** A part, and those before it, are needed now, in the middle of a call. */
export function load_rest(last) {
  for (const part of parts.slice(0, last).filter(({ instance }) => !instance)) {
    const request = new XMLHttpRequest();
    request.open("GET", part.address, false);
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    if (request.status >= 400) throw new Error(`${part.address}: ${request.status}; reload the page`);
    begin(part, new WebAssembly.Module(Uint8Array.from(request.responseText, (char) => char.charCodeAt(0))));
  }
}
