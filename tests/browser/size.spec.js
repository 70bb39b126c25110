// What a first visit loads: the second part of the engine only when somebody does something.
import { expect, test } from "@playwright/test";

test("a visit that only watches runs on the first part", async ({ page }) => {
  const requests = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  const rest = () => requests.filter((path) => /\/rest-.*\.wasm$/.test(path));
  await page.goto("./");
  await expect(page.getByText("web-2").first()).toBeVisible();
  await expect(page.locator(".cm-editor")).toBeVisible();
  await page.waitForTimeout(8_000);
  expect(requests.some((path) => /_bg\.wasm$/.test(path))).toBe(true);
  expect(rest()).toEqual([]);
  await page.keyboard.press("Space");
  await expect.poll(rest).toHaveLength(1);
});
