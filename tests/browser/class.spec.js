// A class without a server: a link goes out, hand-ins come back and are graded in the teacher's page.
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";

const EXERCISE = "five-replicas-none-lost";
const panel = (page) => page.locator(".lesson");

async function handIn(page, name) {
  await panel(page).getByLabel("Your name").fill(name);
  await panel(page).getByRole("button", { name: "Hand in", exact: true }).click();
  const code = panel(page).locator(".lesson__code");
  await expect(code).not.toHaveValue("");
  return code.inputValue();
}

async function begin(page) {
  await page.locator(".time__options select").first().selectOption("20x");
  await panel(page).getByRole("button", { name: "Begin this step anew" }).click();
  await expect(page.locator(".lesson__code")).toHaveCount(0);
}

test("a class of three is graded, and nothing else harms the table", async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto(`./#l=${EXERCISE}`);
  await expect(panel(page)).toBeVisible({ timeout: 20_000 });
  await page.locator(".time__options select").first().selectOption("20x");
  const codes = [await handIn(page, "Bo, who did nothing")];
  await begin(page);
  await panel(page).getByRole("button", { name: "Show me" }).click();
  await expect(panel(page).locator(".lesson__done")).toBeVisible({ timeout: 60_000 });
  codes.push(await handIn(page, "=Ada<img src=x onerror=hacked=1>"));
  const link = await panel(page).locator(".lesson__link").inputValue();
  expect(link).toContain("#h=");
  await begin(page);
  const input = page.locator("[data-terminal-input]");
  await input.fill("kubectl delete pod web-0");
  await input.press("Enter");
  await expect(panel(page).locator('.goal[data-outcome="broken"]').first()).toBeVisible({ timeout: 30_000 });
  codes.push(await handIn(page, "Cy"));
  for (const code of codes) expect(code.length).toBeLessThan(4_000);

  await page.goto("./#class");
  const dialog = page.locator("dialog.class");
  await expect(dialog).toBeVisible({ timeout: 20_000 });
  const hostile = ["<script>hacked=1</script>", "x".repeat(100), codes[0].slice(0, 40)];
  await dialog.locator("textarea").fill([...codes, ...hostile].join("\n"));
  await dialog.getByRole("button", { name: "Grade" }).click();
  const rows = dialog.locator(".class__scroll tbody tr");
  await expect(rows).toHaveCount(6, { timeout: 60_000 });
  await expect(rows.filter({ hasText: "Ada" })).toHaveAttribute("data-outcome", "passed");
  await expect(rows.filter({ hasText: "Bo" })).toHaveAttribute("data-outcome", "open");
  const cy = rows.filter({ hasText: "Cy" });
  await expect(cy).toHaveAttribute("data-outcome", "open");
  await cy.locator("summary").click();
  await expect(cy.locator('[data-outcome="broken"]').first()).toBeVisible();
  await expect(dialog.locator('tr[data-outcome="broken"]')).toHaveCount(3);
  await expect(dialog.locator(".class__failed")).toContainText("five");
  expect(await page.evaluate(() => globalThis.hacked)).toBe(undefined);
  expect(await dialog.locator("img").count()).toBe(0);

  const [table] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Save as CSV" }).click(),
  ]);
  const lines = (await readFile(await table.path(), "utf8")).trim().split("\r\n");
  expect(lines).toHaveLength(7);
  expect(lines.some((line) => line.includes("'=Ada"))).toBe(true);
  const { violations } = await new AxeBuilder({ page }).include("dialog.class").analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
});

test("a class link sets exercises, hints and time, and a reload keeps them", async ({ page, context }) => {
  await page.goto("./#class");
  const dialog = page.locator("dialog.class");
  await dialog.locator(`input[value="${EXERCISE}"]`).check();
  await dialog.locator('input[value="canary"]').check();
  await dialog.getByLabel("Minutes for all").fill("25");
  await dialog.getByLabel("Hints can be opened").uncheck();
  await dialog.getByRole("button", { name: "Copy the link" }).click();
  const link = await dialog.locator(".class__link").inputValue();
  expect(link).toContain("#c=");
  const learner = await context.newPage();
  await learner.goto(link);
  const classList = learner.locator(".lesson__class");
  await expect(classList.locator("option")).toHaveCount(2);
  await expect(panel(learner)).toContainText("25 minutes");
  await expect(panel(learner).getByRole("button", { name: "Give me a hint" })).toHaveCount(0);
  await expect(panel(learner).getByRole("button", { name: "Show me" })).toHaveCount(0);
  await classList.selectOption("canary");
  await expect(panel(learner).locator("h2")).toHaveText("A canary on the last ordinal");
  await learner.waitForTimeout(800); // the session is saved a moment later
  await learner.reload();
  await expect(panel(learner).locator("h2")).toHaveText("A canary on the last ordinal");
  await expect(classList.locator("option")).toHaveCount(2);
});

test("a broken class link says so", async ({ page }) => {
  await page.goto("./#c=%3Cscript%3E");
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.locator(".lane")).toHaveCount(3);
});
