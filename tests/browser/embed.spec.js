// The element in other people's pages: strict policies, sandboxes, ten on a page, messages.
import { readdirSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; connect-src 'self'";
const POSTER = '<svg viewBox="0 0 10 10" role="img" aria-label="web-0 is Ready"><title>web-0 is Ready</title></svg>';
const WEB = `
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: nginx
  replicas: 2
  selector:
    matchLabels: {app: nginx}
  template:
    metadata:
      labels: {app: nginx}
    spec:
      containers:
      - name: nginx
        image: nginx:1.26
`;

const page_of = (body, script = "./embed.js") => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>A page of documentation</title><script src="${script}" defer></script></head>
<body><main><h1>Documentation</h1>${body}</main></body></html>`;

/** Serves a host page below a path of its own, with a policy as strict as can be. */
async function host(page, body, { policy = POLICY, path = "docs.html", script } = {}) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.route(`**/${path}`, (route) => route.fulfill({
    contentType: "text/html",
    headers: { "content-security-policy": policy },
    body: page_of(body, script),
  }));
  await page.goto(path);
  return complaints;
}

/** Puts a page in place of the server's "not found": routing would switch the browser's cache off. */
async function fill(page, address, body, url = "./embed.js") {
  await page.goto(address);
  await page.evaluate((html) => { document.body.innerHTML = html; }, body);
  await page.addScriptTag({ url });
}

const embedded = (more, inside = `<pre data-file="web.yaml">${WEB}</pre>`) =>
  `<statefulset-playground ${more}>${inside}</statefulset-playground>`;

/** The element's state, or what one of its methods answers. */
const ask = (page, method, ...args) => page.locator("statefulset-playground").first().evaluate(
  (element, [name, list]) => element[name](...list), [method, args]);

/** Keeps the events of the first element. */
const record = (page) => page.locator("statefulset-playground").first().evaluate((element) => {
  window.told = [];
  for (const type of ["ready", "change", "step", "goal", "error"]) {
    element.addEventListener(type, ({ detail }) => window.told.push([type, detail]));
  }
});
const told = (page, type) => page.evaluate((wanted) =>
  window.told.filter(([name]) => name === wanted).map(([, detail]) => detail), type);

test.describe.configure({ timeout: 120_000 });

test("a page with a strict policy shows the poster, then the playground", async ({ page }) => {
  const complaints = await host(page, embedded('loading="click"', POSTER));
  await expect(page.getByRole("img", { name: "web-0 is Ready" })).toBeVisible();
  await expect(page.locator("iframe")).toHaveCount(0);
  await page.getByRole("button", { name: "Start" }).click();
  const frame = page.frameLocator("statefulset-playground iframe");
  await expect(frame.locator('[data-panel="cluster"]')).toBeVisible();
  await expect(frame.locator('[data-panel="files"]')).toBeHidden();
  await expect(page.getByRole("button", { name: "Start" })).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("without scripts the content is there to be read", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const page = await context.newPage();
  await host(page, embedded("", `${POSTER}<p>web-0: Running 1/1.</p>`));
  await expect(page.getByText("web-0: Running 1/1.")).toBeVisible();
  await expect(page.getByRole("img", { name: "web-0 is Ready" })).toBeVisible();
  await context.close();
});

test("methods and events", async ({ page }) => {
  await host(page, embedded('loading="click" commands="kubectl apply -f web.yaml" lang="en"'));
  await expect(page.locator("statefulset-playground").getByText("kubectl apply -f web.yaml")).toBeVisible();
  await record(page);
  const first = await ask(page, "getState");
  expect(first).toMatchObject({ at: 0, playing: false, sets: [] });
  expect((await told(page, "ready")).length).toBe(1);
  const later = await ask(page, "seek", first.end);
  expect(later.sets[0]).toMatchObject({ name: "web", wanted: 2, ready: 2 });
  expect(later.sets[0].pods.map((pod) => pod.name)).toEqual(["web-0", "web-1"]);
  const back = await ask(page, "step", { direction: "back" });
  expect(back.at).toBeLessThan(later.at);
  expect((await ask(page, "play")).playing).toBe(true);
  expect((await ask(page, "pause")).playing).toBe(false);
  expect((await told(page, "change")).length).toBeGreaterThan(1);
  await ask(page, "dispose");
  await expect(page.locator("iframe")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Start" })).toBeVisible();
});

const LESSON = `---
title: Two Pods
language: en
kind: lesson
minutes: 1
teaches: [order]
---

## First

\`\`\`yaml web.yaml
${WEB.trim()}
\`\`\`

\`\`\`console
$ kubectl apply -f web.yaml
\`\`\`

\`\`\`goal
- id: two
  say: Both Pods are Ready.
  podsReady: {set: web, is: 2}
\`\`\`

## Second

Nothing is to be done.
`;

test("steps and goals of a lesson are told by the element", async ({ page }) => {
  await host(page, embedded('loading="click" mode="exercise" lang="en"', `<pre data-lesson>${LESSON}</pre>`));
  await record(page);
  await ask(page, "getState");
  await expect.poll(() => told(page, "step"), { timeout: 60_000 }).toEqual([{ index: 0, count: 2, title: "First" }]);
  expect(await told(page, "goal")).toEqual([{ id: "two", say: "Both Pods are Ready.", outcome: "open" }]);
  const frame = page.frameLocator("statefulset-playground iframe");
  await frame.getByRole("button", { name: /^Run/ }).click();
  await expect.poll(async () => (await told(page, "goal")).at(-1)?.outcome, { timeout: 60_000 }).toBe("passed");
  await frame.getByRole("button", { name: "Next step" }).click();
  await expect.poll(async () => (await told(page, "step")).at(-1)).toEqual({ index: 1, count: 2, title: "Second" });
});

test("steps and goals are told by a frame without the script", async ({ page }) => {
  await page.addInitScript(() => {
    window.heard = [];
    addEventListener("message", ({ data }) => window.heard.push(data));
  });
  const options = JSON.stringify({ version: 1, mode: "exercise", lang: "en", text: LESSON });
  const src = `./index.html#embed=${encodeURIComponent(options)}`;
  await host(page, `<iframe title="A lesson" src="${src}" width="1000" height="700"></iframe>`);
  const heard = (type) => page.evaluate((wanted) => window.heard.filter((one) => one.type === wanted), type);
  await expect.poll(async () => (await heard("step")).length, { timeout: 60_000 }).toBe(1);
  const [goal] = await heard("goal");
  expect(goal).toMatchObject({ protocol: "statefulset-playground", version: 1, id: "two", outcome: "open" });
  await page.frameLocator("iframe").getByRole("button", { name: /^Run/ }).click();
  await expect.poll(async () => (await heard("goal")).at(-1)?.outcome, { timeout: 60_000 }).toBe("passed");
});

test("what only looks shows no control that would be refused", async ({ page }) => {
  await host(page, embedded('loading="eager" mode="lab" readonly lang="en" at="end"'));
  await ask(page, "getState");
  const frame = page.frameLocator("statefulset-playground iframe");
  await expect(frame.locator(".lane").first()).toBeVisible();
  for (const name of ["Apply", "New file", "Delete this file", "New terminal"]) {
    await expect(frame.getByRole("button", { name, exact: true })).toHaveCount(0);
  }
  for (const part of ["[data-terminal-input]", ".set__scale", ".pod__menu", "[data-partition-slider]"]) {
    await expect(frame.locator(part).filter({ visible: true })).toHaveCount(0);
  }
});

test("a sandboxed frame works and keeps nothing", async ({ page }) => {
  await host(page, embedded('sandbox loading="eager" mode="lab" storage="local"'));
  expect((await ask(page, "getState")).sets[0].name).toBe("web");
  const frame = page.frameLocator("statefulset-playground iframe");
  await expect(frame.locator('[data-panel="terminal"]')).toBeVisible();
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
});

test("nothing is kept unless it is asked for, and then apart", async ({ page }) => {
  await host(page, embedded('loading="eager" mode="lab" id="none"'));
  await ask(page, "step");
  await page.waitForTimeout(1_000);
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
  await page.locator("#none").evaluate((element) => element.setAttribute("storage", "local"));
  await ask(page, "step");
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage).length)).toBeGreaterThan(0);
  const names = await page.evaluate(() => Object.keys(localStorage));
  expect(names.filter((name) => !name.startsWith("embed."))).toEqual([]);
});

test("ten on one page, and the engine is downloaded once", async ({ page }) => {
  test.setTimeout(240_000);
  const session = await page.context().newCDPSession(page);
  const loads = [];
  await session.send("Network.enable");
  session.on("Network.responseReceived", ({ response }) => {
    if (response.url.endsWith("_bg.wasm")) loads.push(response.fromDiskCache);
  });
  await fill(page, "nowhere", embedded('loading="click" src="#scenario=scaling"', "").repeat(10));
  const elements = page.locator("statefulset-playground");
  const sets = () => elements.evaluateAll((all) =>
    Promise.all(all.map(async (element) => (await element.seek(3)).sets.map((set) => set.name))));
  await elements.first().evaluate((element) => element.getState());
  expect(await sets()).toEqual(Array(10).fill(["web"]));
  const transferred = loads.filter((fromCache) => !fromCache).length;
  expect(loads.length).toBeGreaterThanOrEqual(10);
  expect(transferred, `${loads.length} loads`).toBe(1);
  const titles = await elements.evaluateAll((all) =>
    all.map((element) => element.shadowRoot.querySelector("iframe").title));
  expect(new Set(titles).size).toBe(10);
});

test("wrong messages are refused, foreign ones passed over", async ({ page }) => {
  await page.route("**/foreign.html", (route) => route.fulfill({ contentType: "text/html", body: "<p>Foreign</p>" }));
  await host(page, embedded('loading="eager" at="end"') + '<iframe title="foreign" src="foreign.html"></iframe>');
  await record(page);
  const before = await ask(page, "getState");
  const send = (message) => page.locator("statefulset-playground").first().evaluate((element, data) =>
    element.shadowRoot.querySelector("iframe").contentWindow.postMessage(data, "*"), message);
  const ours = { protocol: "statefulset-playground", version: 1, id: 9_000 };
  await send("hello");
  await send({ type: "seek", at: 0 });
  await send({ ...ours, protocol: "other", type: "seek", at: 0 });
  expect(await ask(page, "getState")).toEqual(before);
  expect(await told(page, "error")).toEqual([]);
  const wrong = [
    [{ ...ours, version: 7, type: "play" }, /version is 7/],
    [{ ...ours, type: "explode" }, /unknown variant `explode`/],
    [{ ...ours, type: "seek", at: "soon" }, /invalid type/],
    [{ ...ours, type: "seek", at: -1 }, /not between/],
    [{ ...ours, type: "play", more: "x".repeat(300_000) }, /longer than/],
  ];
  for (const [message, text] of wrong) {
    await send(message);
    await expect.poll(async () => (await told(page, "error")).at(-1)?.message ?? "").toMatch(text);
  }
  expect((await told(page, "error")).length).toBe(wrong.length);
  // A stranger's frame speaks our protocol to both sides.
  const stranger = page.frames().find((frame) => frame.url().includes("foreign.html"));
  await stranger.evaluate((message) => {
    parent.postMessage({ ...message, type: "error", message: "forged" }, "*");
    for (let i = 0; i < parent.frames.length; i += 1) {
      parent.frames[i].postMessage({ ...message, type: "seek", at: 0 }, "*");
    }
  }, ours);
  expect(await ask(page, "getState")).toEqual(before);
  expect((await told(page, "error")).length).toBe(wrong.length);
  await expect(ask(page, "seek", -5)).rejects.toThrow(/not between/);
});

test("a frame that answers nonsense is complained about", async ({ page }) => {
  const nonsense = [
    { version: 2, type: "ready" }, { version: 1, type: "ready", state: { at: "x" } },
    { version: 1, type: "cheer" }, { version: 1, type: "step", title: "x".repeat(1_100_000) },
  ];
  await page.route("**/forged/index.html", (route) => route.fulfill({ contentType: "text/html",
    body: `<script>for (const m of ${JSON.stringify(nonsense)})
      parent.postMessage({ protocol: "statefulset-playground", ...m }, "*")</script>` }));
  await host(page, embedded('loading="click" page="./forged/"'));
  await record(page);
  await page.getByRole("button", { name: "Start" }).click();
  await expect.poll(() => told(page, "error").then((errors) => errors.length)).toBe(nonsense.length);
  expect(await told(page, "ready")).toEqual([]);
});

test("wrong attributes are said to the author, and the poster stays", async ({ page }) => {
  await host(page, embedded('loading="click" mode="cinema"'));
  await record(page);
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByRole("alert")).toContainText("expected one of `player`, `lab`");
  await expect(page.getByRole("button", { name: "Start" })).toBeVisible();
  expect((await told(page, "error"))[0].code).toBe("options");
});

test("a page of another origin embeds it too", async ({ page, baseURL }) => {
  const other = new URL(baseURL);
  other.hostname = "localhost";
  await fill(page, `${other}nowhere`, embedded('loading="eager" at="end"'), `${baseURL}embed.js`);
  expect((await ask(page, "getState")).sets[0].ready).toBe(2);
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in poster and frame, ${colorScheme}`, async ({ browser, baseURL }) => {
    test.setTimeout(240_000);
    const context = await browser.newContext({ colorScheme, reducedMotion: "reduce", baseURL });
    const page = await context.newPage();
    await host(page, embedded('loading="click" at="end" mode="lab"').repeat(2) + embedded('loading="click"'));
    const elements = page.locator("statefulset-playground");
    for (const index of [0, 1]) {
      await elements.nth(index).evaluate((element) => element.getState());
      await expect(elements.nth(index).frameLocator("iframe").locator(".lane").first()).toBeVisible();
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    await context.close();
  });
}

test("a recording plays, steps and scrubs without the rest of the engine", async ({ page }) => {
  const opening = readdirSync("dist").find((name) => /^opening-.*\.bin$/.test(name));
  const rest = [];
  page.on("request", (request) => /\/(rest|page)-.*\.wasm$/.test(request.url()) && rest.push(request.url()));
  const complaints = await host(page, `<statefulset-playground recording="./${opening}"></statefulset-playground>`);
  const before = await ask(page, "getState");
  expect(before).toMatchObject({ at: 0, playing: false, sets: [] });
  const end = await ask(page, "seek", 12);
  expect(end.sets[0]).toMatchObject({ name: "web", wanted: 3, ready: 3 });
  const back = await ask(page, "step", { unit: "phase", direction: "back" });
  expect(back.at).toBeLessThan(12);
  expect((await ask(page, "play")).playing).toBe(true);
  const frame = page.frameLocator("iframe");
  await expect(frame.locator(".lane")).toHaveCount(3);
  await frame.locator(".time__transport button").first().click();
  await expect.poll(async () => (await ask(page, "getState")).at).toBe(0);
  expect(rest).toEqual([]);
  // Beyond what was recorded it goes on live.
  expect((await ask(page, "seek", 3_000)).at).toBe(3_000);
  expect(rest.length).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});

test("copied embed code draws its poster at once, and the same instant when it is started", async ({ page, context }) => {
  await page.goto("./");
  await page.evaluate(() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; });
  await expect(page.locator(".lane")).toHaveCount(3);
  await expect(page.locator('.lane [data-phase="ready"]')).toHaveCount(3);
  await page.getByRole("button", { name: "Copy embed code" }).click();
  await expect.poll(() => page.evaluate(() => window.copied)).toContain("<statefulset-playground");
  const code = await page.evaluate(() => window.copied);
  const other = await context.newPage();
  await other.route("**/pasted.html", (route) => route.fulfill({
    contentType: "text/html",
    body: `<!DOCTYPE html><html lang="en"><head><title>Pasted</title></head><body>${code.replace("<statefulset-playground", '$& loading="click"')}</body></html>`,
  }));
  await other.goto("pasted.html");
  const element = other.locator("statefulset-playground");
  const poster = element.locator(".poster-box svg");
  await expect(poster).toBeVisible();
  for (const name of ["web-0", "web-1", "web-2"]) await expect(poster.getByText(name, { exact: true })).toBeVisible();
  await expect(element.locator("> p")).toContainText("web-2");
  await element.getByRole("button", { name: /Start/ }).click();
  await expect(other.frameLocator("iframe").locator('.lane [data-phase="ready"]')).toHaveCount(3);
  await expect(poster).toHaveCount(0);
});
