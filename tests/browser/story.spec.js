// The first tutorial as a learner does it, in both languages: edit, apply, watch, look back, fork, share.
import { expect, test } from "@playwright/test";

const STORIES = [
  { locale: "en-GB", apply: "Apply", ready: "ready", past: "You are looking at the past", toNow: "Return to now" },
  { locale: "zh-CN", apply: "应用", ready: "就绪", past: "你正在看过去的时刻", toNow: "回到现在" },
];

const lanes = (page) => page.locator(".lane");
const pod = (page, name) => page.locator(".pod", { has: page.locator(`.pod__name:text-is("${name}")`) });

async function type(page, line) {
  const input = page.locator("[data-terminal-input]");
  await input.fill(line);
  await input.press("Enter");
}

async function fastForward(page) {
  await page.locator(".time__options select").first().selectOption("20x");
}

for (const { locale, apply, ready, past, toNow } of STORIES) {
  test.describe(locale, () => {
    test.use({ locale });

    test("three Pods come one after another, and editing the file brings five", async ({ page }) => {
      await page.goto("./");
      await expect(lanes(page)).toHaveCount(3);
      await expect(page.locator(".because__line").first()).toBeVisible();
      await fastForward(page);
      await expect(page.locator(".set__ready")).toHaveText(`3/3 ${ready}`);
      const editor = page.locator(".cm-content");
      await editor.click();
      await page.keyboard.press("Control+f");
      await page.keyboard.type("replicas: 3");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Escape");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Backspace");
      await page.keyboard.type("5");
      await page.getByRole("button", { name: apply, exact: true }).click();
      await expect(page.locator(".terminal")).toContainText("statefulset.apps/web configured");
      await expect(page.locator(".set__ready")).toHaveText(`5/5 ${ready}`);
      await expect(pod(page, "web-4")).toHaveAttribute("data-phase", "ready");
    });

    test("looking back shows the past, acting there forks", async ({ page }) => {
      await page.goto("./");
      await fastForward(page);
      await expect(page.locator(".set__ready")).toHaveText(`3/3 ${ready}`);
      await page.locator(".time__range").fill("2500");
      await expect(page.locator(".time__past")).toContainText(past);
      await expect(page.locator(".set__ready")).not.toHaveText(`3/3 ${ready}`);
      await page.getByRole("button", { name: toNow, exact: true }).click();
      await expect(page.locator(".set__ready")).toHaveText(`3/3 ${ready}`);
      await page.locator(".time__range").fill("2500");
      await type(page, "kubectl delete sts web");
      await expect(page.locator(".terminal")).toContainText('statefulset.apps "web" deleted from default namespace');
      await expect(lanes(page)).toHaveCount(0);
    });

    test("a session survives a reload, and a link carries it", async ({ page, context }) => {
      await page.goto("./");
      await fastForward(page);
      await expect(page.locator(".set__ready")).toHaveText(`3/3 ${ready}`);
      await type(page, "kubectl scale sts web --replicas=1");
      await expect(page.locator(".terminal")).toContainText("statefulset.apps/web scaled");
      await expect(lanes(page)).toHaveCount(1);
      await page.waitForTimeout(800); // the session is saved a moment later
      await page.reload();
      await expect(lanes(page)).toHaveCount(1);
      await page.locator(".header button").first().click();
      await expect(page).toHaveURL(/#s=/);
      const other = await context.newPage();
      await other.goto(page.url());
      await expect(lanes(other)).toHaveCount(1);
    });
  });
}

test("the language changes at once, and is kept", async ({ page }) => {
  await page.goto("./");
  await page.getByRole("button", { name: "中文" }).click();
  await expect(page.getByRole("button", { name: "应用", exact: true })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});

test("a broken link says what is wrong and harms nothing", async ({ page }) => {
  await page.goto("./#s=notalink");
  await expect(page.getByRole("alert")).toContainText("link");
  await expect(lanes(page)).toHaveCount(3);
});

test("problems are underlined with the API server's words", async ({ page }) => {
  await page.goto("./");
  const editor = page.locator(".cm-content");
  await editor.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("bogus: 1\n");
  await expect(page.locator(".cm-lintRange-error, .cm-lint-marker-error").first()).toBeVisible();
});

test("the keyboard plays, steps and completes", async ({ page }) => {
  await page.goto("./");
  await expect(lanes(page)).toHaveCount(3);
  await page.locator("body").press("ArrowLeft");
  await expect(page.locator(".time__past")).toBeVisible();
  await page.locator("body").press("End");
  await expect(page.locator(".time__past")).toHaveCount(0);
  const input = page.locator("[data-terminal-input]");
  await input.fill("kubectl get statef");
  await input.press("Tab");
  await expect(input).toHaveValue("kubectl get statefulsets ");
});

test("a watch goes on in its tab while another terminal takes commands", async ({ page }) => {
  await page.goto("./");
  await type(page, "kubectl get pods -w");
  const first = page.locator('[data-terminal="0"]');
  await expect(first).toHaveAttribute("data-running", "true");
  await page.getByRole("button", { name: "New terminal" }).click();
  await expect(page.locator("[data-terminal-input]")).toBeFocused();
  await type(page, "kubectl get svc");
  await expect(page.locator(".terminal")).toContainText("CLUSTER-IP");
  await expect(first).toHaveAttribute("data-running", "true");
  await first.click();
  await expect(page.locator(".terminal")).toContainText("web-0");
  await page.locator("[data-terminal-input]").press("Control+c");
  await expect(first).toHaveAttribute("data-running", "false");
});

// Puts a text in place of the shown file's, as pasting does.
async function paste(page, text) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

test("a pasted manifest that lost its indentation is repaired on request", async ({ page }) => {
  await page.goto("./");
  await paste(page, "apiVersion: v1\nkind: Service\nmetadata:\nname: “lost”\nspec:\nports:\n- port: 80\n");
  await expect(page.locator(".offer")).toContainText("indentation");
  await page.getByRole("button", { name: "Show the repair" }).click();
  await expect(page.locator(".cm-insertedLine, .cm-changedLine").first()).toBeVisible();
  await page.getByRole("button", { name: "Take the repair" }).click();
  await expect(page.locator(".offer")).toHaveCount(0);
  await expect(page.locator(".cm-content")).toContainText("  - port: 80");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator(".terminal")).toContainText("service/lost created");
});

test("the editor completes from the schema, explains on hover, and shows what would change", async ({ page }) => {
  await page.goto("./");
  await fastForward(page);
  await expect(page.locator(".set__ready")).toHaveText("3/3 ready");
  await paste(page, "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: web\nspec:\n  podMan");
  await page.keyboard.press("Control+Space");
  await page.locator(".cm-tooltip-autocomplete li", { hasText: "podManagementPolicy" }).click();
  await page.keyboard.press("Control+Space");
  await expect(page.locator(".cm-tooltip-autocomplete li")).toHaveText([/OrderedReady/, /Parallel/]);
  await page.keyboard.press("Escape");
  await page.locator(".cm-line", { hasText: "podManagementPolicy" }).hover({ position: { x: 60, y: 8 } });
  await expect(page.locator(".cm-hover")).toContainText("spec.podManagementPolicy <string>");
  await page.mouse.move(640, 4);
  await expect(page.locator(".cm-hover")).toHaveCount(0);
  await page.getByRole("button", { name: "Show changes" }).click();
  await expect(page.locator(".offer")).toBeVisible();
});

test("the partition moves by slider and by dragging its line: both are a patch in the terminal", async ({ page }) => {
  await page.goto("./");
  await fastForward(page);
  await expect(page.locator(".set__ready")).toHaveText("3/3 ready");
  await page.locator("[data-partition-slider]").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".terminal")).toContainText('"partition":1');
  await expect(page.locator(".terminal")).toContainText("statefulset.apps/web patched");
  await expect(page.locator('.lane[data-ordinal="0"]')).toHaveAttribute("data-kept", "true");
  const line = await page.locator(".partition:visible").boundingBox();
  const last = await page.locator('.lane[data-ordinal="2"]').boundingBox();
  await page.mouse.move(line.x + 60, line.y + line.height / 2);
  await page.mouse.down();
  await page.mouse.move(line.x + 60, last.y + 4, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator(".terminal")).toContainText('"partition":2');
  await expect(page.locator('.lane[data-ordinal="1"]')).toHaveAttribute("data-kept", "true");
});

test("selecting a Pod shows what belongs to it, also in the file", async ({ page }) => {
  await page.goto("./");
  await fastForward(page);
  await expect(page.locator(".set__ready")).toHaveText("3/3 ready");
  await pod(page, "web-1").locator(".pod__select").click();
  await expect(page.locator('.claim__select[data-related="true"]')).toHaveText([/www-web-1/, /pv-nginx/]);
  await expect(page.locator('.service[data-related="true"]')).toHaveCount(1);
  await expect(page.locator(".cm-marked").first()).toContainText("template:");
  await expect(page.locator(".because__line").first()).toContainText("web-1");
});

test("a reason says who decided, and its rule is explained", async ({ page }) => {
  await page.goto("./");
  await fastForward(page);
  const line = page.locator(".because__line", { hasText: "web-2 is missing" }).first();
  await expect(line.locator(".because__who")).toHaveText("statefulset-controller");
  const rule = line.getByRole("button", { name: "processReplica" });
  // While reasons come in, a click can meet a line that has just moved.
  await expect(async () => {
    if ((await rule.getAttribute("aria-expanded")) === "false") await rule.click();
    await expect(rule).toHaveAttribute("aria-expanded", "true", { timeout: 500 });
  }).toPass();
  await expect(line).toContainText("goes through the ordinals from the lowest");
  await expect(line).toContainText("pkg/controller/statefulset/stateful_set_control.go");
});

test("a Pod's menu types what it does", async ({ page }) => {
  await page.goto("./");
  await fastForward(page);
  await expect(page.locator(".set__ready")).toHaveText("3/3 ready");
  await pod(page, "web-0").locator("summary").click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Delete", exact: true })).toBeHidden();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.locator("details.menu[open]")).toHaveCount(0);
  await expect(page.locator(".terminal")).toContainText("$ kubectl delete pod web-0");
});

test("panels are resized by keyboard and mouse, and stay so", async ({ page }) => {
  await page.goto("./");
  const width = () => page.locator('[data-panel="files"]').evaluate((panel) => panel.offsetWidth);
  const before = await width();
  const splitter = page.getByRole("separator", { name: "Width of the left panels" });
  await splitter.focus();
  await page.keyboard.press("ArrowRight");
  const wider = await width();
  expect(wider).toBeGreaterThan(before);
  const box = await splitter.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 100, { steps: 4 });
  await page.mouse.up();
  const dragged = await width();
  expect(dragged).toBeGreaterThan(wider + 80);
  await page.reload();
  await expect(lanes(page).first()).toBeVisible();
  expect(Math.abs((await width()) - dragged)).toBeLessThan(3);
});

test("instants are marked, visited and kept", async ({ page }) => {
  await page.goto("./");
  await fastForward(page);
  await expect(page.locator(".set__ready")).toHaveText("3/3 ready");
  await page.locator(".time__range").fill("2500");
  await page.keyboard.press("m");
  await expect(page.locator(".time__mark")).toHaveCount(1);
  await page.locator(".time__range").press("End");
  await page.keyboard.press("[");
  await expect(page.locator(".time__clock")).toHaveText("2.5 s");
  await page.waitForTimeout(800); // the session is saved a moment later
  await page.reload();
  await expect(page.locator(".time__mark")).toHaveCount(1);
});

test("every scenario of the menu starts", async ({ page }) => {
  await page.goto("./");
  await expect(lanes(page).first()).toBeVisible();
  const menu = page.locator(".header__scenario select");
  const slugs = await menu.locator("option").evaluateAll((options) => options.map((option) => option.value));
  expect(slugs.at(-1)).toBe("empty");
  const scenarios = slugs.filter((slug) => slug !== "empty" && !/^(lesson|exercise) /.test(slug));
  expect(scenarios.length).toBeGreaterThan(3);
  for (const slug of scenarios) {
    await menu.selectOption(slug);
    await expect(lanes(page).first(), slug).toBeVisible();
    await expect(page.locator(".picture__hint"), slug).toBeVisible();
  }
});
