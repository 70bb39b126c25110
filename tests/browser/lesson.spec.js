// Lessons as learners do them: by keyboard alone, over a reload, from a file of somebody's own.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";

const panel = (page) => page.locator(".lesson");
const lanes = (page) => page.locator(".lane");

async function fastForward(page) {
  await page.locator(".time__options select").first().selectOption("20x");
}

// Goes on from element to element, as somebody without a mouse does, until this one has the focus.
async function tabTo(page, target, key = "Tab") {
  await expect(target).toBeVisible();
  const hasFocus = () => target.evaluate((element) => element === document.activeElement);
  for (let count = 0; count < 150; count += 1) {
    if (await hasFocus()) return;
    await page.keyboard.press(key);
  }
  throw new Error(`no key leads to ${target}`);
}

async function press(page, target) {
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

test("a whole lesson by keyboard alone", async ({ page }) => {
  test.setTimeout(240_000);
  await page.goto("./");
  const select = page.locator(".lesson-select");
  await tabTo(page, select);
  await page.keyboard.press("Home");
  await expect(panel(page).locator("h2")).toHaveText("Your first StatefulSet: in order, by name");
  const steps = panel(page).locator(".lesson__step");
  const count = await steps.count();
  expect(count).toBeGreaterThan(3);
  const speed = page.locator(".time__options select").first();
  // Backwards: the editor, which takes the key for itself, lies between.
  await tabTo(page, speed, "Shift+Tab");
  await page.keyboard.press("End");
  for (let step = 0; step < count; step += 1) {
    await expect(steps.nth(step)).toHaveAttribute("aria-current", "step");
    const first = panel(page).locator(".lesson__command").getByRole("button", { name: /^Run/ }).first();
    if (step === 0) {
      await press(page, first);
      await expect(page.locator(".terminal")).toContainText("statefulset.apps/web created");
    }
    if (await panel(page).locator(".goal").count()) {
      await press(page, panel(page).getByRole("button", { name: "Show me" }));
      await expect(panel(page).locator(".lesson__done")).toBeVisible({ timeout: 60_000 });
    }
    if (step + 1 < count) await press(page, panel(page).getByRole("button", { name: "Next step" }));
  }
  await expect(steps.last()).toHaveAttribute("data-done", "true");
});

test("a command is put into the terminal, a file into the editor, a question is answered", async ({ page }) => {
  await page.goto("./#l=first-set");
  await expect(panel(page)).toBeVisible({ timeout: 20_000 });
  const command = panel(page).locator(".lesson__put").first();
  await command.click();
  const input = page.locator("[data-terminal-input]");
  await expect(input).toHaveValue("kubectl apply -f web.yaml");
  await expect(input).toBeFocused();
  await panel(page).getByRole("button", { name: "Open in the editor web.yaml" }).click();
  await expect(page.locator(".cm-content")).toContainText("serviceName: nginx");
  await fastForward(page);
  await panel(page).locator(".lesson__step").nth(2).click();
  const question = panel(page).locator(".lesson__question").first();
  await question.getByRole("button").click();
  await expect(question.getByRole("radio").first()).toBeFocused();
  await question.getByRole("radio").first().check();
  await question.getByRole("button").click();
  await expect(question.locator(".lesson__verdict")).toBeFocused();
});

test("a reload keeps the lesson, its step and what was done", async ({ page }) => {
  await page.goto("./#l=first-set");
  await fastForward(page);
  await panel(page).getByRole("button", { name: /^Run kubectl apply/ }).click();
  await expect(panel(page).locator(".lesson__done")).toBeVisible({ timeout: 20_000 });
  await panel(page).getByRole("button", { name: "Next step" }).click();
  await expect(panel(page).locator('[aria-current="step"]')).toHaveAttribute("aria-label", /^Step 2/);
  await page.waitForTimeout(800); // the session is saved a moment later
  await page.reload();
  await expect(panel(page).locator('[aria-current="step"]')).toHaveAttribute("aria-label", /^Step 2/);
  await expect(panel(page).locator(".lesson__step").first()).toHaveAttribute("data-done", "true");
  await expect(lanes(page)).toHaveCount(3);
});

const HOSTILE = `---
title: "<img src=x onerror=hacked=1>"
language: en
kind: lesson
minutes: 1
teaches: ["<script>hacked=1</script>"]
---
<script>hacked=1</script> <img src=x onerror=hacked=1> [a](javascript:hacked=1) <iframe src="javascript:hacked=1"></iframe>

## <b onmouseover=hacked=1>Step</b>

- <svg onload=hacked=1>

\`\`\`console
$ echo '<img src=x onerror=hacked=1>'
\`\`\`
`;

async function open(page, name, text) {
  const file = { name, mimeType: "text/markdown", buffer: Buffer.from(text) };
  await page.locator('input[type="file"][accept^=".md"]').setInputFiles(file);
}

test("a hostile lesson is shown as text", async ({ page }) => {
  await page.goto("./");
  await open(page, "hostile.md", HOSTILE);
  await expect(panel(page)).toContainText("<script>hacked=1</script>");
  await panel(page).getByRole("button", { name: /^Run/ }).click();
  await expect(page.locator(".terminal")).toContainText("onerror");
  expect(await page.locator(".lesson :is(script, img, iframe, svg, b)").count()).toBe(0);
  expect(await page.locator('.lesson a[href^="javascript"]').count()).toBe(0);
  expect(await page.evaluate(() => globalThis.hacked)).toBe(undefined);
});

test("a broken lesson names file, line and way out, and leaves the session alone", async ({ page }) => {
  await page.goto("./");
  await expect(lanes(page)).toHaveCount(3);
  await open(page, "mine.md", HOSTILE.replace("minutes: 1", "minutes: 1\ncolour: red"));
  await expect(page.getByRole("alert")).toContainText("mine.md: line 6");
  await expect(page.getByRole("alert")).toContainText("colour");
  await expect(lanes(page)).toHaveCount(3);
  await open(page, "long.md", "x".repeat(300 * 1024));
  await expect(page.getByRole("alert")).toContainText("long.md");
  await page.getByRole("alert").getByRole("button").click();
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("what was done becomes a lesson, and progress goes through a file", async ({ page }) => {
  await page.goto("./#l=first-set");
  await fastForward(page);
  await panel(page).getByRole("button", { name: /^Run kubectl apply/ }).click();
  await expect(panel(page).locator(".lesson__done")).toBeVisible({ timeout: 20_000 });
  const more = page.getByText("More", { exact: true });
  await more.click();
  await page.getByLabel("Title of the lesson").fill("Mine: to keep");
  const [recorded] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as a lesson" }).click(),
  ]);
  // A choice closes the menu, and so does Escape; the keyboard is at its button then.
  await expect(page.locator("details.menu[open]")).toHaveCount(0);
  await expect(more).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await expect(page.locator("details.menu[open]")).toHaveCount(0);
  await expect(more).toBeFocused();
  await more.click();
  const [kept] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save progress to a file" }).click(),
  ]);
  await page.evaluate(() => localStorage.clear());
  await page.goto("about:blank");
  await page.goto("./");
  await page.locator('input[type="file"][accept=".json"]').setInputFiles(await kept.path());
  await expect(page.locator('.lesson-select option[value="lesson first-set"]')).toContainText("✓");
  await page.locator('input[type="file"][accept^=".md"]').setInputFiles(await recorded.path());
  await expect(panel(page).getByRole("heading", { name: "Mine: to keep" }).first()).toBeVisible();
  await expect(panel(page)).toContainText("kubectl apply -f web.yaml");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await panel(page).getByRole("button", { name: "Start the lesson over" }).click();
  await expect(panel(page).locator(".goal[data-outcome=passed]")).toHaveCount(0);
});

for (const [locale, colorScheme] of [["en-GB", "light"], ["zh-CN", "dark"]]) {
  test(`axe finds nothing in a lesson (${locale}, ${colorScheme})`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ colorScheme, locale, reducedMotion: "reduce", baseURL });
    test.slow(); // axe looks at every element of a full page
    const page = await context.newPage();
    await page.goto("./#l=first-set");
    await expect(panel(page)).toBeVisible({ timeout: 20_000 });
    await expect(page.locator(".cm-content")).toBeVisible();
    await fastForward(page);
    await panel(page).locator(".lesson__step").nth(2).click();
    await panel(page).locator(".lesson__question button").first().click();
    await expect(panel(page).locator(".lesson__question input").first()).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    await context.close();
  });
}

test("a narrow page shows the lesson as one panel among others", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: "en-GB", baseURL });
  const page = await context.newPage();
  await page.goto("./#l=first-set");
  await expect(panel(page)).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('[data-panel="cluster"]')).toBeHidden();
  await panel(page).getByRole("button", { name: /^Run kubectl apply/ }).click();
  await expect(page.locator(".terminal")).toBeVisible();
  await expect(panel(page)).toBeHidden();
  await page.locator('.tab[data-name="lesson"]').click();
  await expect(panel(page)).toBeVisible({ timeout: 20_000 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await context.close();
});
