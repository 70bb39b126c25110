// <statefulset-playground>: a poster at once, the playground in a frame when it is seen or clicked.
// What the two say to each other is in src/playground/embed/protocol.rs; recipes in docs/recipes.md.
import { FRAME_STYLE } from "./style.js";
import { optionsOf, sourceOf } from "./options.js";
import { WORDS } from "./words.js";

const PROTOCOL = "statefulset-playground";
const VERSION = 1;
const MESSAGE_MAX = 1_000_000;
const ANSWER_MAX_MS = 90_000;
const EVENTS = new Set(["ready", "change", "step", "goal", "error", "answer"]);

// Where this script lies, the page lies too. As a module there is no current script.
const own = globalThis.document?.currentScript?.src || import.meta.url || globalThis.document?.baseURI;
let count = 0;
let sheet;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function isState(state) {
  const { at, end, playing, sets, others } = state ?? {};
  return Number.isFinite(at) && Number.isFinite(end) && typeof playing === "boolean"
    && Array.isArray(sets) && Array.isArray(others);
}

/** Why a message is none of the protocol's, in words; nothing if it is one. */
function complaint(data, words) {
  let size;
  try {
    size = JSON.stringify(data).length;
  } catch {
    return words.notPlain;
  }
  if (size > MESSAGE_MAX) return words.long(MESSAGE_MAX);
  if (data.version !== VERSION) return words.version(data.version, VERSION);
  if (!EVENTS.has(data.type)) return words.type(String(data.type).slice(0, 40));
  const hasState = ["ready", "change", "answer"].includes(data.type);
  if (hasState && !isState(data.state)) return words.noState;
  if (data.type === "answer" && !Number.isInteger(data.id)) return words.noId;
  if (data.type === "error" && typeof data.message !== "string") return words.noText;
}

const Base = globalThis.HTMLElement ?? class {};

export class StatefulSetPlayground extends Base {
  static observedAttributes = ["src", "recording", "commands", "at", "mode", "lang", "theme", "height", "markers",
    "pause-on-markers", "loading", "readonly", "storage", "page", "sandbox"];

  #frame = null;
  #ready = null;
  #pending = new Map();
  #lastId = 0;
  #number = ++count;
  #observer = null;
  #timer = 0;
  #isStarting = false;
  #listen = (event) => this.#receive(event);

  connectedCallback() {
    if (!this.shadowRoot) {
      this.attachShadow({ mode: "open" });
      sheet ??= new CSSStyleSheet();
      if (!sheet.cssRules.length) sheet.replaceSync(FRAME_STYLE);
      this.shadowRoot.adoptedStyleSheets = [sheet];
    }
    addEventListener("message", this.#listen);
    this.#drawPoster();
    this.#wait();
  }

  disconnectedCallback() {
    this.dispose();
    removeEventListener("message", this.#listen);
  }

  attributeChangedCallback(name, before, after) {
    if (!this.isConnected || before === after || !this.shadowRoot) return;
    if (name === "height") return this.#size();
    const wasStarted = Boolean(this.#frame);
    this.dispose();
    if (wasStarted) this.#start().catch(() => {});
    else this.#wait();
  }

  /** Lets time flow. */
  play() { return this.#ask("play"); }
  /** Lets time stand still. */
  pause() { return this.#ask("pause"); }
  /** Shows the instant so many seconds after the start. */
  seek(seconds) { return this.#ask("seek", { at: Number(seconds) }); }
  /** One step: { unit: "write" | "decision" | "phase", direction: "forward" | "back" }. */
  step(options = {}) { return this.#ask("step", { ...options }); }
  /** What is shown. */
  getState() { return this.#ask("getState"); }

  /** Takes the frame away and shows the poster again. */
  dispose() {
    this.#observer?.disconnect();
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#frame = null;
    const disposed = new Error(this.#words.disposed);
    this.#ready?.reject(disposed);
    this.#ready = null;
    this.#isStarting = false;
    for (const { reject } of this.#pending.values()) reject(disposed);
    this.#pending.clear();
    if (this.shadowRoot) this.#drawPoster();
  }

  get #words() {
    return WORDS[this.#language] ?? WORDS.en;
  }

  get #language() {
    const tag = this.getAttribute("lang") || document.documentElement.lang || "";
    return tag.toLowerCase().startsWith("zh") ? "zh" : "en";
  }

  get #page() {
    const base = this.getAttribute("page");
    return new URL("index.html", base ? new URL(base, document.baseURI) : own);
  }

  get #origin() {
    const isOpaque = this.hasAttribute("sandbox") || self.origin === "null";
    return isOpaque ? "null" : this.#page.origin;
  }

  #size() {
    const height = this.getAttribute("height") ?? "";
    if (/^\d+(\.\d+)?(px|rem|em|vh)?$/.test(height)) {
      this.style.setProperty("--height", /\d$/.test(height) ? `${height}px` : height);
    }
  }

  // The reader's own poster (a copy, so that its colours can follow the theme), else what is inside.
  #drawPoster() {
    this.#size();
    const words = this.#words;
    const still = this.querySelector(":scope > svg");
    const { names, commands } = sourceOf(this);
    const list = [...names, ...commands].map((text) => element("li", {}, element("code", {}, text)));
    const content = still
      ? still.cloneNode(true)
      : element("div", { className: "plain" }, element("strong", {}, "StatefulSet Playground"),
        ...(list.length ? [element("p", {}, words.holds), element("ul", {}, ...list)] : []));
    const button = element("button", { type: "button", className: "start" }, `▶ ${words.start}`);
    button.addEventListener("click", () => this.#start().catch(() => {}));
    const poster = element("div", { className: "poster-box", lang: this.#language }, content, button);
    poster.dataset.theme = this.getAttribute("theme") ?? "";
    this.shadowRoot.replaceChildren(poster);
  }

  #wait() {
    const loading = this.getAttribute("loading") ?? "lazy";
    if (loading === "eager") this.#start().catch(() => {});
    if (loading !== "lazy") return;
    this.#observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#observer.disconnect();
      this.#start().catch(() => {});
    }, { rootMargin: "100px" });
    this.#observer.observe(this);
  }

  async #start() {
    if (this.#isStarting) return this.#ready?.promise;
    this.#isStarting = true;
    this.#observer?.disconnect();
    const ready = {};
    ready.promise = new Promise((resolve, reject) => Object.assign(ready, { resolve, reject }));
    ready.promise.catch(() => {}); // whoever asked is told; nobody else has to be
    this.#ready = ready;
    try {
      const options = await optionsOf(this, { version: VERSION, host: self.origin }, this.#words);
      if (this.#ready === ready) this.#open(options);
    } catch (error) {
      if (this.#ready === ready) this.#fail("options", error.message);
    }
    return ready.promise;
  }

  #open(options) {
    const frame = element("iframe", { title: `StatefulSet Playground ${this.#number}` });
    frame.name = frame.title; // the page inside calls its main landmark so: no two have the same
    frame.allow = "clipboard-write";
    if (this.hasAttribute("sandbox")) frame.sandbox = "allow-scripts";
    frame.src = `${this.#page.href}#embed=${encodeURIComponent(JSON.stringify(options))}`;
    this.#frame = frame;
    this.#timer = setTimeout(() => this.#fail("no-answer", this.#words.late), ANSWER_MAX_MS);
    this.shadowRoot.append(frame);
  }

  async #ask(type, fields = {}) {
    await this.#start();
    const id = ++this.#lastId;
    const answer = new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    const target = this.#origin === "null" ? "*" : this.#origin;
    const message = { protocol: PROTOCOL, version: VERSION, id, type, ...fields };
    try {
      this.#frame.contentWindow.postMessage(message, target);
    } catch (error) { // functions and the like
      this.#pending.delete(id);
      throw error;
    }
    return answer;
  }

  // Only what comes out of our own frame, from its own origin, concerns us.
  #receive(event) {
    if (!this.#frame || event.source !== this.#frame.contentWindow) return;
    const { data } = event;
    if (typeof data !== "object" || data === null || data.protocol !== PROTOCOL) return;
    if (event.origin !== this.#origin) {
      return this.#tell("error", { code: "origin", message: this.#words.origin(event.origin) });
    }
    const wrong = complaint(data, this.#words);
    if (wrong) return this.#tell("error", { code: "message", message: wrong });
    this.#understand(data);
  }

  #understand({ type, id, state, code, message, index, count: steps, title, say, outcome }) {
    const asked = this.#pending.get(id);
    if (type === "answer") {
      this.#pending.delete(id);
      return asked?.resolve(state);
    }
    if (type === "error") {
      this.#pending.delete(id);
      asked?.reject(new Error(message));
      return code === "options" ? this.#fail(code, message) : this.#tell("error", { code, message });
    }
    if (type === "ready") {
      clearTimeout(this.#timer);
      this.shadowRoot.querySelector(".poster-box")?.remove();
      this.#frame.classList.add("shown");
      this.#ready?.resolve(state);
    }
    if (type === "step") return this.#tell("step", { index, count: steps, title });
    if (type === "goal") return this.#tell("goal", { id, say, outcome });
    this.#tell(type, state);
  }

  #fail(code, message) {
    const { failed } = this.#words;
    const ready = this.#ready;
    ready?.reject(new Error(message));
    this.dispose();
    const said = element("p", { className: "failed" }, `${failed} ${message}`);
    said.setAttribute("role", "alert");
    this.shadowRoot.querySelector(".poster-box").append(said);
    this.#tell("error", { code, message });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

if (globalThis.customElements && !customElements.get("statefulset-playground")) {
  customElements.define("statefulset-playground", StatefulSetPlayground);
}
