// Trunk's post-build hook. Always: bundles the editor, lays the lessons beside the page. In a release: one style sheet, no inline script,
// a content security policy, and a smaller wasm in parts.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { build, transformSync } from "esbuild";
import { layEmbed } from "./embed.mjs";
import { recordOpening } from "./wasm/rehearse.mjs";
import { split } from "./wasm/split.mjs";
import { withGlobals } from "./wasm/symbols.mjs";

const staging = process.env.TRUNK_STAGING_DIR ?? "dist";
const isRelease = process.env.TRUNK_PROFILE === "release";
const page = join(staging, "index.html");

const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'", // CodeMirror writes style elements
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
].join("; ");

function writeHashed(stem, extension, text) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const name = `${stem}-${hash}.${extension}`;
  writeFileSync(join(staging, name), text);
  return name;
}

async function bundle(entryPoint) {
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: isRelease,
    legalComments: "none",
    write: false,
  });
  return outputFiles[0].text;
}

function oneStyleSheet(html) {
  const link = /<link rel="stylesheet" href="(?:\.\/)?([^"]+)"[^>]*>\s*/g;
  const names = [...html.matchAll(link)].map((match) => match[1]);
  const text = names.map((name) => readFileSync(join(staging, name), "utf8")).join("\n");
  names.forEach((name) => rmSync(join(staging, name)));
  const style = writeHashed("style", "css", transformSync(text, { loader: "css", minify: true }).code);
  let isFirst = true;
  return html.replace(link, () => {
    const tag = isFirst ? `<link rel="stylesheet" href="./${style}">\n` : "";
    isFirst = false;
    return tag;
  });
}

function noInlineScript(html) {
  return html.replace(/<script type="module"[^>]*>([^]*?)<\/script>/g, (_, text) => {
    const script = transformSync(text, { minify: true, format: "esm" }).code;
    return `<script type="module" src="./${writeHashed("start", "js", script)}"></script>`;
  });
}

const LINKED = join(process.env.CARGO_TARGET_DIR ?? "target", "wasm32-unknown-unknown/wasm/statefulset-playground.wasm");
const WASM_FEATURES = ["bulk-memory", "bulk-memory-opt", "mutable-globals", "multivalue",
  "nontrapping-float-to-int", "reference-types", "sign-ext", "call-indirect-overlong"];

function smallerWasm(file) {
  const flags = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  execFileSync("node_modules/.bin/wasm-opt", ["-Oz", ...flags, file, "-o", `${file}.small`]);
  renameSync(`${file}.small`, file);
}

/** Puts globals in place of what the code names (wasm/symbols.mjs), if the linker wrote down who names what; gives that. */
function markNames(file) {
  const marked = withGlobals(readFileSync(LINKED));
  if (!marked) {
    console.error("warning: linked without --emit-relocs (scripts/page): the later parts get code only");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "data-"));
  const linked = join(folder, "linked.wasm");
  writeFileSync(linked, marked.bytes);
  const name = "statefulset-playground"; // as trunk calls it: the script and the module name each other
  execFileSync("wasm-bindgen", ["--target", "web", "--no-typescript", "--out-dir", folder, "--out-name", name, linked]);
  const glue = (path) => readFileSync(path, "utf8");
  if (glue(join(folder, `${name}.js`)) !== glue(file.replace(/_bg\.wasm$/, ".js"))) throw new Error("marked names change the page's script");
  copyFileSync(join(folder, `${name}_bg.wasm`), file);
  rmSync(folder, { recursive: true });
  return marked;
}

/** Records the page's opening, splits its module; gives the page with the names of the recording and of the later parts. */
async function splitWasm(file, html, symbols) {
  // Node takes the page's script for a module only where this says so.
  const type = join(staging, "package.json");
  writeFileSync(type, JSON.stringify({ type: "module" }));
  const glue = resolve(file.replace(/_bg\.wasm$/, ".js"));
  const opening = await recordOpening({ glue }, readFileSync(file));
  const opened = html.replace(/(<meta name="opening" content=)""/, `$1"./${writeHashed("opening", "bin", opening)}"`);
  const [first, ...later] = await split(readFileSync(file), { glue, html: opened, symbols });
  rmSync(type);
  writeFileSync(file, first);
  const names = later.map((part, index) => `./${writeHashed(["page", "rest"][index], "wasm", part)}`);
  return opened.replace(/(<meta name="rest-module" content=)""/, `$1"${names.join(" ")}"`);
}

function smallerScripts() {
  const names = readdirSync(staging, { recursive: true }).filter((name) => /^(statefulset-playground|snippets\/).*\.js$/.test(name));
  for (const name of names) {
    const path = join(staging, name);
    writeFileSync(path, transformSync(readFileSync(path, "utf8"), { minify: true, format: "esm", target: "es2022" }).code);
  }
}

// As plain text: Markdown is what generators of sites take for pages of their own.
function layLessons() {
  const [from, to] = ["src/lesson/catalog", join(staging, "lessons")];
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((file) => file.endsWith(".md"))) {
    copyFileSync(join(from, name), join(to, name.replace(/md$/, "txt")));
  }
}

layLessons();
await layEmbed(staging);
const editor = await bundle("src/ui/editor/editor.js");
writeFileSync(join(staging, "scorm-export.js"), await bundle("src/ui/scorm/export.js"));
if (isRelease) {
  let html = readFileSync(page, "utf8");
  const name = writeHashed("editor", "js", editor);
  html = html.replace(/content="\.\/editor\.js"/, `content="./${name}"`);
  html = noInlineScript(oneStyleSheet(html));
  html = html.replace(/(<meta charset="utf-8">)/,
    `$1\n  <meta http-equiv="Content-Security-Policy" content="${policy}">`);
  const wasm = join(staging, readdirSync(staging).find((name) => name.endsWith("_bg.wasm")));
  const symbols = markNames(wasm);
  smallerWasm(wasm);
  writeFileSync(page, await splitWasm(wasm, html, symbols));
  smallerScripts();
} else {
  writeFileSync(join(staging, "editor.js"), editor);
}

// What a package of the page consists of.
const files = readdirSync(staging, { recursive: true, withFileTypes: true });
const names = files.filter((file) => file.isFile()).map((file) => relative(staging, join(file.parentPath ?? file.path, file.name)));
writeFileSync(join(staging, "files.json"), JSON.stringify(names.filter((name) => name !== "files.json").sort()));
