// Prints what the built page weighs; fails when that is over a budget: node scripts/sizes.mjs [dist]
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

// Kilobytes of brotli that a first visit loads. A player shows a recording as long as the page's opening.
const BUDGETS = [
  { name: "page", budget: 450, loads: (name) => isFirst(name) || /^(page|opening)-/.test(name) },
  { name: "player", budget: 200, loads: (name) => isFirst(name) || /^opening-|^embed\.js$/.test(name) },
];
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

// What every visit loads: the rest is loaded on demand, or by people who keep a page.
const isFirst = (name) => /^(index\.html|(style|start|statefulset-playground)-.*|snippets\/.*)$/.test(name);
const kb = (bytes) => (bytes / 1000).toFixed(1).padStart(8);

console.log(`${"file".padEnd(56)}${"raw".padStart(8)}${"gzip".padStart(8)}${"brotli".padStart(8)} KB`);
const weights = BUDGETS.map(() => 0);
for (const path of filesBelow(dist).sort()) {
  const name = relative(dist, path);
  const bytes = readFileSync(path);
  const brotli = brotliSize(bytes);
  BUDGETS.forEach(({ loads }, index) => (weights[index] += loads(name) ? brotli : 0));
  console.log(`${name.padEnd(56)}${kb(bytes.length)}${kb(gzipSync(bytes, { level: 9 }).length)}${kb(brotli)}`);
}
BUDGETS.forEach(({ name, budget }, index) => {
  console.log(`a first visit of the ${name}: ${(weights[index] / 1000).toFixed(1)} KB brotli, budget ${budget} KB`);
  if (weights[index] > budget * 1000) {
    console.error(`the ${name} is over its budget.`);
    process.exitCode = 1;
  }
});
