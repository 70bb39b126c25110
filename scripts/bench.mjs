// Measures the built page in Chromium: node scripts/bench.mjs
// First picture and start at a quarter of the CPU's speed; what a keystroke costs in every text field.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chromium } from "@playwright/test";
import config from "../playwright.config.js";

const PORT = 8124;
const RUNS = 5;
const KEYS = 30;
const FIRST_PICTURE_BUDGET_MS = 1000;
const FRAME_BUDGET_MS = 1000 / 60;

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const rows = [];
const report = (name, milliseconds, budget) => rows.push({ name, milliseconds, budget });

async function throttled(page, rate) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
}

const firstPaint = (page) =>
  page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);

const started = (page) =>
  page.waitForFunction(() => !document.querySelector(".first-picture") && performance.now())
    .then((handle) => handle.jsonValue());

async function measureStart(browser, address) {
  const pictures = [];
  const starts = [];
  for (let run = 0; run < RUNS; run += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await throttled(page, 4);
    await page.goto(address);
    starts.push(await started(page));
    pictures.push(await firstPaint(page));
    await context.close();
  }
  report("first picture, CPU at a quarter", median(pictures), FIRST_PICTURE_BUDGET_MS);
  report("application started, CPU at a quarter", median(starts));
}

// The work of a typed character: its event, the tasks it leads to, and the layout of the next frame.
const costOfKeys = (page, count) =>
  page.evaluate(async (keys) => {
    const target = document.activeElement;
    const costs = [];
    const tasksDone = () => new Promise((done) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = done;
      channel.port2.postMessage(null);
    });
    for (let key = 0; key < keys; key += 1) {
      await new Promise(requestAnimationFrame);
      const start = performance.now();
      document.execCommand("insertText", false, "k");
      await tasksDone();
      target.getBoundingClientRect();
      costs.push(performance.now() - start);
    }
    return costs;
  }, count);

async function measureKeys(browser, address) {
  const page = await browser.newPage();
  await page.goto(address);
  await page.locator(".cm-content").waitFor();
  for (const [name, selector] of [["terminal", "[data-terminal-input]"], ["editor", ".cm-content"]]) {
    const field = page.locator(selector).first();
    if ((await field.count()) === 0) {
      console.log(`no ${name} on this page: its keystroke is not measured`);
      continue;
    }
    await field.focus();
    report(`a keystroke in the ${name}`, median(await costOfKeys(page, KEYS)), FRAME_BUDGET_MS);
  }
  await page.close();
}

// Moving the time bar to another instant: the replay, the view, and the layout of the next frame.
async function measureScrub(browser, address) {
  const page = await browser.newPage();
  await page.goto(address);
  await page.locator(".lane").first().waitFor();
  await page.locator(".time__options select").first().selectOption("20x");
  await page.waitForTimeout(4000);
  await throttled(page, 4);
  const costs = await page.evaluate(async (steps) => {
    const bar = document.querySelector(".time__range");
    const found = [];
    for (let step = 0; step < steps; step += 1) {
      await new Promise(requestAnimationFrame);
      bar.value = String(Math.round((Number(bar.max) * ((step * 7) % steps)) / steps));
      const start = performance.now();
      bar.dispatchEvent(new Event("input", { bubbles: true }));
      await Promise.resolve();
      document.querySelector(".picture").getBoundingClientRect();
      found.push(performance.now() - start);
    }
    return found;
  }, KEYS);
  report("a step of the time bar, CPU at a quarter", median(costs), FRAME_BUDGET_MS);
  await page.close();
}

const server = spawn(process.execPath, ["scripts/serve.mjs", "dist", String(PORT)]);
await once(server.stdout, "data");
const browser = await chromium.launch(config.use.launchOptions);
try {
  const address = `http://127.0.0.1:${PORT}/`;
  await measureStart(browser, address);
  await measureKeys(browser, address);
  await measureScrub(browser, address);
} finally {
  await browser.close();
  server.kill();
}

for (const { name, milliseconds, budget } of rows) {
  const limit = budget ? `budget ${budget.toFixed(0)} ms` : "";
  console.log(`${name.padEnd(44)}${milliseconds.toFixed(1).padStart(8)} ms  ${limit}`);
  if (budget && milliseconds > budget) process.exitCode = 1;
}
if (process.exitCode) console.error("error: a speed is over its budget.");
