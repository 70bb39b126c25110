// Trunk's post-build hook. Always: bundles the editor, lays the lessons beside the page. In a release: one style sheet, no inline script,
// a content security policy, and a smaller wasm in two parts.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { build, transformSync } from "esbuild";
import { layEmbed } from "./embed.mjs";
import { recordOpening } from "./wasm/rehearse.mjs";
import { split } from "./wasm/split.mjs";

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

// Texts that only who asks for them reads.
const TEXTS = ["src/kubectl/help", "src/locale/rules"];
const WASM_FEATURES = ["bulk-memory", "bulk-memory-opt", "mutable-globals", "multivalue",
  "nontrapping-float-to-int", "reference-types", "sign-ext", "call-indirect-overlong"];

function smallerWasm(file) {
  const flags = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  execFileSync("node_modules/.bin/wasm-opt", ["-Oz", ...flags, file, "-o", `${file}.small`]);
  renameSync(`${file}.small`, file);
}

/** Records the page's opening, leaves in its module what a first visit runs then; gives the page with the names of the
 * recording and of the rest. */
async function splitWasm(file, html) {
  // Node takes the page's script for a module only where this says so.
  const type = join(staging, "package.json");
  writeFileSync(type, JSON.stringify({ type: "module" }));
  const glue = resolve(file.replace(/_bg\.wasm$/, ".js"));
  const opening = writeHashed("opening", "bin", await recordOpening({ glue }, readFileSync(file)));
  const opened = html.replace(/(<meta name="opening" content=)""/, `$1"./${opening}"`);
  const texts = TEXTS.flatMap((folder) => readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  const { first, rest } = await split(readFileSync(file), { glue, html: opened, texts });
  rmSync(type);
  writeFileSync(file, first);
  return opened.replace(/(<meta name="rest-module" content=)""/, `$1"./${writeHashed("rest", "wasm", rest)}"`);
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
  smallerWasm(wasm);
  writeFileSync(page, await splitWasm(wasm, html));
} else {
  writeFileSync(join(staging, "editor.js"), editor);
}

// What a package of the page consists of.
const files = readdirSync(staging, { recursive: true, withFileTypes: true });
const names = files.filter((file) => file.isFile()).map((file) => relative(staging, join(file.parentPath ?? file.path, file.name)));
writeFileSync(join(staging, "files.json"), JSON.stringify(names.filter((name) => name !== "files.json").sort()));
