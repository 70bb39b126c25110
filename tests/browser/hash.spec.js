// The page comes to the same states as the native program: links with hashes that `cargo test` wrote.
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

const WRITTEN = "target/tmp/native-links.txt";

function links() {
  try {
    return readFileSync(WRITTEN, "utf8").trim().split("\n");
  } catch {
    throw new Error(`${WRITTEN} is not there: cargo test writes it`);
  }
}

test("ten native sessions come to the same state in the page", async ({ page }) => {
  test.setTimeout(180_000);
  const sessions = links();
  expect(sessions.length).toBe(10);
  for (const [seed, link] of sessions.entries()) {
    await page.goto("about:blank");
    await page.goto(`./#s=${link}`);
    await expect(page.locator(".lane").first(), `seed ${seed}`).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole("alert"), `seed ${seed}`).toHaveCount(0);
  }
});
