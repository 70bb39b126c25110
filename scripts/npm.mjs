// Packs the built page and the element as an npm package, unpublished: node scripts/npm.mjs [dist]
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dist = process.argv[2] ?? "dist";
const folder = "target/npm";
const { license, engines } = JSON.parse(readFileSync("package.json", "utf8"));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
cpSync(dist, join(folder, "page"), { recursive: true });
for (const name of ["embed.mjs", "embed.d.ts"]) copyFileSync(join(dist, name), join(folder, name));
copyFileSync("docs/recipes.md", join(folder, "README.md"));
const manifest = {
  name: "statefulset-playground",
  version: "1.0.0",
  description: "Kubernetes StatefulSets, simulated, as an element for documentation",
  license,
  engines,
  type: "module",
  exports: { ".": { types: "./embed.d.ts", default: "./embed.mjs" }, "./page/*": "./page/*" },
  files: ["embed.mjs", "embed.d.ts", "page"],
};
writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
execFileSync("npm", ["pack", "--silent", "--offline", "--pack-destination", ".."], { cwd: folder, stdio: "inherit" });
