// The page as it ships: it starts, asks nothing of other hosts, and loads the editor on demand.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";

test("the application replaces the first picture and the editor opens", async ({ page }) => {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto("./");
  await expect(page.locator(".cm-content")).toBeVisible();
  await expect(page.locator(".first-picture")).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("nothing is asked of another host", async ({ page, baseURL }) => {
  const hosts = new Set();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto("./");
  await expect(page.locator(".cm-content")).toBeVisible();
  hosts.delete(""); // data: and blob:
  expect([...hosts]).toEqual([new URL(baseURL).host]);
});

test("the first picture needs no script", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const page = await context.newPage();
  await page.goto("./");
  await expect(page.locator(".first-picture")).toBeVisible();
  await context.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in the ${colorScheme} theme`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ colorScheme, reducedMotion: "reduce", baseURL });
    const page = await context.newPage();
    await page.goto("./");
    await expect(page.locator(".cm-content")).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    await context.close();
  });
}

test("kubectl edit opens its tab, and what cannot be copied can be selected", async ({ page }) => {
  await page.goto("./");
  const input = page.locator("[data-terminal-input]");
  for (const line of ["kubectl create configmap note --from-literal=word=old", "kubectl edit configmap note"]) {
    await input.fill(line);
    await input.press("Enter");
  }
  const shown = page.locator('[data-panel="files"] .tab[aria-pressed="true"]');
  await expect(shown).toHaveText(/^kubectl-edit-/);
  await expect(page.locator(".cm-content")).toContainText("word: old");
  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("refused")); });
  await page.getByRole("button", { name: "Copy embed code" }).click();
  const field = page.getByRole("dialog").getByRole("textbox");
  await expect(field).toHaveValue(/<statefulset-playground src="#s=/);
  const selected = await field.evaluate((one) => one.selectionEnd - one.selectionStart === one.value.length);
  expect(selected).toBe(true);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("a phone has two rows of header, and the lesson is there for a class", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("./#l=first-set");
  await expect(page.locator('[data-panel="lesson"]')).toBeVisible();
  const { height } = await page.locator(".header").boundingBox();
  expect(height).toBeLessThan(90);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: /projector/i }).click();
  for (const name of ["lesson", "terminal", "cluster"]) {
    await expect(page.locator(`[data-panel="${name}"]`)).toBeVisible();
  }
  await expect(page.locator('[data-panel="why"]')).toBeHidden();
});
