// Builds the element for other people's pages: node scripts/embed.mjs FOLDER. Fails over its budget.
// embed.js is a classic script, which pages may load from any host; embed.mjs a module for bundlers.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const BUDGET = 8_000;

export async function layEmbed(folder) {
  for (const [name, format] of [["embed.js", "iife"], ["embed.mjs", "esm"]]) {
    const { outputFiles } = await build({
      entryPoints: ["src/ui/embed/embed.js"],
      bundle: true,
      format,
      target: "es2022",
      minify: true,
      legalComments: "none",
      logOverride: { "empty-import-meta": "silent" }, // a classic script has none, and asks the document
      write: false,
    });
    const text = outputFiles[0].text;
    const size = gzipSync(text, { level: 9 }).length;
    if (size > BUDGET) throw new Error(`${name} has ${size} bytes after gzip, its budget is ${BUDGET}`);
    writeFileSync(join(folder, name), text);
  }
  copyFileSync("src/ui/embed/embed.d.ts", join(folder, "embed.d.ts"));
}

if (process.argv[1]?.endsWith("embed.mjs")) await layEmbed(process.argv[2] ?? "dist");
