// Builds a site with each recipe of docs/recipes.md: node tests/recipes/build.mjs [dist] [NAME...]
// What the site had before the recipe lies in sites/NAME; the result in target/recipes/NAME, the list of all in
// target/recipes/sites.json, which tests/browser/recipes.spec.js reads.
import { execFile, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { recipesOf } from "./recipe.mjs";

const run = promisify(execFile);
const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const root = resolve(here, "../..");
const target = join(root, "target/recipes");
const [dist = "dist", ...wanted] = process.argv.slice(2);

const SITES = [
  { name: "docusaurus", heading: "Docusaurus", result: "build", modules: true },
  { name: "vitepress", heading: "VitePress", result: "docs/.vitepress/dist", modules: true },
  { name: "npm", heading: "From npm", result: "public" },
  { name: "mdbook", heading: "mdBook", result: "book" },
  { name: "hugo", heading: "Hugo", result: "public", isOptional: true },
  { name: "html", heading: "Plain HTML", result: "." },
];

const environment = {
  ...process.env,
  PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
  PLAYGROUND: resolve(dist),
  PLAYGROUND_PACKAGE: join(root, "target/statefulset-playground-1.0.0.tgz"),
  CI: "true",
  NO_UPDATE_NOTIFIER: "1",
  npm_config_offline: "true",
  // The kept modules serve sites in several places, and its cache knows only one.
  DOCUSAURUS_NO_PERSISTENT_CACHE: "true",
};

const isThere = (program) => spawnSync(program, ["version"], { env: environment }).status === 0;

async function build({ name, heading, result, modules, isOptional }, steps) {
  if (isOptional && !isThere(name)) {
    const why = `${name} is missing: install it, or run this as root on Debian`;
    console.error(`skipped: the recipe for ${heading} (${why})`);
    return { name, skipped: why };
  }
  if (!steps?.some((step) => step.command)) throw new Error(`docs/recipes.md has no commands for ${heading}`);
  const site = join(target, name);
  rmSync(site, { recursive: true, force: true });
  mkdirSync(site, { recursive: true });
  if (existsSync(join(here, "sites", name))) cpSync(join(here, "sites", name), site, { recursive: true });
  if (modules) symlinkSync(process.env.RECIPE_MODULES, join(site, "node_modules"));
  const began = Date.now();
  // A recipe reads from top to bottom, but its commands need its files.
  for (const { file, text } of steps.filter((step) => step.file)) {
    mkdirSync(dirname(join(site, file)), { recursive: true });
    writeFileSync(join(site, file), text);
  }
  for (const { command } of steps.filter((step) => step.command)) {
    await run("sh", ["-ec", command], { cwd: site, env: environment, maxBuffer: 1e8 }).catch((error) => {
      throw new Error(`the recipe for ${heading} failed:\n${command}${error.stdout}${error.stderr}`);
    });
  }
  console.log(`${heading}: ${((Date.now() - began) / 1_000).toFixed(1)} s`);
  return { name, folder: join(site, result) };
}

const recipes = recipesOf(readFileSync(join(root, "docs/recipes.md"), "utf8"));
const chosen = SITES.filter(({ name }) => !wanted.length || wanted.includes(name));
await run(process.execPath, ["scripts/npm.mjs", dist], { cwd: root });
rmSync(join(target, "sites.json"), { force: true });
const built = await Promise.allSettled(chosen.map((site) => build(site, recipes.get(site.heading))));
const failures = built.filter(({ reason }) => reason);
failures.forEach(({ reason }) => console.error(`error: ${reason.message}`));
if (failures.length) process.exit(1);
writeFileSync(join(target, "sites.json"), `${JSON.stringify(built.map(({ value }) => value), null, 2)}\n`);
