// From attributes and content to the options that the page in the frame reads.
const SOURCE_MAX = 150_000;
const RECORDING_MAX = 1_000_000;

function dedented(text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/^\s*\n/, "").trimEnd().split("\n");
  const widths = lines.filter((line) => line.trim()).map((line) => line.match(/^ */)[0].length);
  const width = Math.min(...widths, 80);
  return `${lines.map((line) => line.slice(width)).join("\n")}\n`;
}

const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const isLesson = (text) => /^(```|~~~)/m.test(text);

/** Files, lesson and commands inside the element, and the names to list before anything runs. */
export function sourceOf(host) {
  const blocks = [...host.querySelectorAll(":scope > pre, :scope > script[type], :scope > template")];
  const texts = blocks.map((block) => ({
    name: block.dataset.file || "web.yaml",
    text: dedented((block.content ?? block).textContent),
    isLesson: "lesson" in block.dataset,
  }));
  const direct = [...host.childNodes].filter((node) => node.nodeType === 3);
  const loose = direct.map((node) => node.data).join("");
  if (!texts.length && loose.trim()) texts.push({ name: "web.yaml", text: dedented(loose) });
  const src = host.getAttribute("src") ?? "";
  const lesson = texts.find((one) => one.isLesson || isLesson(one.text));
  const files = lesson ? [] : texts.map(({ name, text }) => ({ name, text }));
  const commands = host.getAttribute("commands");
  return {
    files,
    text: lesson?.text ?? "",
    commands: commands === null ? [] : linesOf(commands),
    names: [...files.map((file) => file.name), ...(src && !src.startsWith("#s=") ? [src] : [])],
  };
}

async function fetched(src, words) {
  const address = new URL(src, document.baseURI);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(words.answered("src", address.href, answer.status));
  const text = await answer.text();
  if (text.length > SOURCE_MAX) throw new Error(words.tooLong("src", SOURCE_MAX, "characters"));
  const name = decodeURIComponent(address.pathname.split("/").pop()) || "web.yaml";
  return /\.(md|markdown)$/i.test(name) ? { text } : { files: [{ name, text }] };
}

/** What `statefulset-playground record` printed, as text for an address. */
async function recorded(address, words) {
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error(words.answered("recording", address, answer.status));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes.length > RECORDING_MAX) throw new Error(words.tooLong("recording", RECORDING_MAX, "bytes"));
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return { recording: btoa(characters).replace(/\+/g, "-").replace(/\//g, "_") };
}

/** `src`: a session (#s=), a lesson (#l=), a scenario (#scenario=), or the address of a text. */
async function source(src, words) {
  const [, kind, value] = src.match(/^#(s|l|scenario)=(.*)$/s) ?? [];
  const key = { s: "session", l: "lesson", scenario: "scenario" }[kind];
  if (key) return { [key]: value };
  if (src.startsWith("#")) throw new Error(words.unknownStart(src));
  return fetched(src, words);
}

function flag(host, name) {
  const value = host.getAttribute(name);
  return value !== null && value !== "false";
}

/** Everything that was asked for; throws an Error with a sentence of `words` (words.js) for the page's author. */
export async function optionsOf(host, options, words) {
  const inside = sourceOf(host);
  const src = host.getAttribute("src");
  const recording = host.getAttribute("recording");
  const own = src ? await source(src, words) : { files: inside.files, text: inside.text };
  const given = recording ? await recorded(recording, words) : own;
  const markers = (host.getAttribute("markers") ?? "").split(/[\s,]+/).filter(Boolean);
  const text = (name) => host.getAttribute(name) ?? "";
  return {
    ...options,
    mode: text("mode") || "player",
    lang: text("lang").toLowerCase().split("-")[0],
    theme: text("theme"),
    ...given,
    ...(host.hasAttribute("commands") ? { commands: inside.commands } : {}),
    at: text("at"),
    markers,
    pauseOnMarkers: flag(host, "pause-on-markers"),
    readonly: flag(host, "readonly"),
    storage: text("storage") || "none",
  };
}
