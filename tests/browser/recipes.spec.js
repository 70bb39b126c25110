// The sites that tests/recipes/build.mjs built with the recipes of docs/recipes.md: each draws its cluster.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "@playwright/test";

const LIST = "target/recipes/sites.json";
const sites = existsSync(LIST) ? JSON.parse(readFileSync(LIST, "utf8")) : [];

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Serves a site as `make serve` would, for as long as the test runs. */
async function serve(folder) {
  const port = await freePort();
  const server = spawn(process.execPath, ["scripts/serve.mjs", folder, String(port)]);
  await new Promise((resolve, reject) => {
    server.stdout.once("data", resolve);
    server.once("exit", (code) => reject(new Error(`scripts/serve.mjs ended with ${code}`)));
  });
  return { address: `http://127.0.0.1:${port}/`, close: () => server.kill() };
}

function built(name) {
  const site = sites.find((one) => one.name === name);
  if (!site) throw new Error("the sites are not built: make recipes");
  test.skip(Boolean(site.skipped), site.skipped);
  return serve(site.folder);
}

/** Opens a page of a site; gives what was missing or complained about. Browsers ask for icons unasked. */
async function open(page, address) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const { url } = message.location();
    if (message.type() === "error" && !url.endsWith("/favicon.ico")) complaints.push(`${url}: ${message.text()}`);
  });
  await page.goto(address);
  return complaints;
}

/** The state at the end of what the page's element shows. */
const shown = (page) => page.locator("statefulset-playground").evaluate(async (element) => {
  await customElements.whenDefined("statefulset-playground");
  return element.seek((await element.getState()).end);
});

const drawn = (page) => page.frameLocator("statefulset-playground iframe").locator('[data-panel="cluster"]');

test.describe.configure({ timeout: 120_000 });

for (const [name, replicas] of [["html", 5], ["npm", 5], ["vitepress", 1], ["docusaurus", 2], ["hugo", 2]]) {
  test(`a site made with the recipe draws its cluster: ${name}`, async ({ page }) => {
    const server = await built(name);
    try {
      const complaints = await open(page, server.address);
      const [set] = (await shown(page)).sets;
      const names = Array.from({ length: replicas }, (_, ordinal) => `web-${ordinal}`);
      expect(set.pods.map((pod) => pod.name)).toEqual(names);
      await expect(drawn(page).locator(".lane .pod")).toHaveCount(replicas);
      await expect(drawn(page)).toContainText(names.at(-1));
      expect(complaints).toEqual([]);
    } finally {
      server.close();
    }
  });
}

test("a site made with the recipe shows a lesson: mdbook", async ({ page }) => {
  const server = await built("mdbook");
  try {
    const complaints = await open(page, `${server.address}claims.html`);
    await shown(page);
    const lesson = page.frameLocator("statefulset-playground iframe").locator('[data-panel="lesson"]');
    await expect(lesson.getByRole("heading", { level: 2 })).toBeVisible();
    await expect(drawn(page)).toBeVisible();
    expect(complaints).toEqual([]);
  } finally {
    server.close();
  }
});

test("the recipes' script is heard, and the frame without a script draws its cluster", async ({ page }) => {
  const server = await built("html");
  try {
    const said = [];
    page.on("console", async (message) => said.push(await Promise.all(message.args().map((arg) => arg.jsonValue()))));
    await open(page, server.address);
    await expect.poll(() => said.some(([at, list]) => typeof at === "number" && Array.isArray(list))).toBe(true);
    const complaints = await open(page, `${server.address}frame.html`);
    const frame = page.frameLocator("iframe");
    await expect(frame.locator('[data-panel="cluster"] .lane').first()).toBeVisible();
    expect(complaints).toEqual([]);
  } finally {
    server.close();
  }
});
