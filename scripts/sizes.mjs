// Prints what the built page weighs; fails when that is over the budget: node scripts/sizes.mjs [dist]
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const PAGE_BUDGET_KB = 450;
const dist = process.argv[2] ?? "dist";

function brotliSize(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

// What the page loads on demand only is no part of its first weight.
const isOnDemand = (name) => /^(editor|embed|field-descriptions|rest)[-.]|^lessons\//.test(name);
const kb = (bytes) => (bytes / 1000).toFixed(1).padStart(8);

console.log(`${"file".padEnd(56)}${"raw".padStart(8)}${"gzip".padStart(8)}${"brotli".padStart(8)} KB`);
let page = 0;
for (const path of filesBelow(dist).sort()) {
  const name = relative(dist, path);
  const bytes = readFileSync(path);
  const brotli = brotliSize(bytes);
  if (!isOnDemand(name)) page += brotli;
  console.log(`${name.padEnd(56)}${kb(bytes.length)}${kb(gzipSync(bytes, { level: 9 }).length)}${kb(brotli)}`);
}
console.log(`page without what is loaded on demand: ${(page / 1000).toFixed(1)} KB brotli, budget ${PAGE_BUDGET_KB} KB`);
if (page > PAGE_BUDGET_KB * 1000) {
  console.error("the page is over its budget.");
  process.exitCode = 1;
}
