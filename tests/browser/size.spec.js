// What a first visit loads: the second part of the engine is not needed for the first picture.
import { expect, test } from "@playwright/test";

test("the first picture needs only the first part of the engine", async ({ page }) => {
  const requests = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  const rest = () => requests.filter((path) => /\/rest-.*\.wasm$/.test(path));
  await page.goto("./");
  await expect(page.locator(".lane").first()).toBeVisible();
  expect(requests.some((path) => /_bg\.wasm$/.test(path))).toBe(true);
  expect(rest()).toEqual([]);
  await page.keyboard.press("Space");
  await expect.poll(rest).toHaveLength(1);
});
