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
