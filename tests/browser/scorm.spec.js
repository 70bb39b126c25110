// Packages of an exercise in stand-ins for a learning management system, which answer as the standards say.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { expect, test } from "@playwright/test";
import { unzipSync } from "fflate";

const EXERCISE = "five-replicas-none-lost";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

async function save(page, version) {
  await page.goto("./#class");
  const dialog = page.locator("dialog.class");
  await dialog.locator(`input[value="${EXERCISE}"]`).check();
  const [file] = await Promise.all([
    page.waitForEvent("download", { timeout: 120_000 }),
    dialog.getByRole("button", { name: `SCORM ${version}` }).click(),
  ]);
  return unzipSync(new Uint8Array(await readFile(await file.path())));
}

// The runtime API as a page of the system would hold it; every call is written down.
const LMS = (version) => `<!DOCTYPE html><title>LMS</title><script>
  const kept = JSON.parse(localStorage.getItem("lms") ?? "{}");
  const calls = globalThis.calls = [];
  const limits = ${version === "1.2" ? `{ "cmi.suspend_data": 4096 }` : `{ "cmi.suspend_data": 64000 }`};
  let state = "new";
  const call = (name, answer) => (...values) => { calls.push([name, ...values]); return answer(...values); };
  const begin = () => { if (state !== "new") return "false"; state = "open"; return "true"; };
  const get = (name) => state === "open" ? kept[name] ?? "" : "";
  const set = (name, value) => {
    if (state !== "open" || typeof value !== "string" || value.length > (limits[name] ?? 255)) return "false";
    kept[name] = value;
    return "true";
  };
  const keep = () => { if (state !== "open") return "false"; localStorage.setItem("lms", JSON.stringify(kept)); return "true"; };
  const end = () => { if (state !== "open") return "false"; keep(); state = "ended"; return "true"; };
  const none = () => "0";
  globalThis.kept = kept;
  ${version === "1.2" ? `globalThis.API = { LMSInitialize: call("begin", begin), LMSGetValue: call("get", get), LMSSetValue: call("set", set),
    LMSCommit: call("keep", keep), LMSFinish: call("end", end), LMSGetLastError: none, LMSGetErrorString: none, LMSGetDiagnostic: none };`
  : `globalThis.API_1484_11 = { Initialize: call("begin", begin), GetValue: call("get", get), SetValue: call("set", set),
    Commit: call("keep", keep), Terminate: call("end", end), GetLastError: none, GetErrorString: none, GetDiagnostic: none };`}
</script><iframe src="package/scorm/index.html" style="inline-size:100%;block-size:90vh"></iframe>`;

function serve(content, version) {
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, "http://x").pathname).slice(1);
    const body = name === "" ? LMS(version) : content[name.replace(/^package\//, "")];
    response.writeHead(body ? 200 : 404, { "content-type": name === "" ? "text/html" : TYPES[extname(name)] ?? "text/plain" });
    response.end(body);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

for (const version of ["1.2", "2004"]) {
  test(`a SCORM ${version} package reports and resumes`, async ({ page, browser }) => {
    test.setTimeout(300_000);
    const content = await save(page, version);
    const manifest = Buffer.from(content["imsmanifest.xml"]).toString();
    expect(manifest).toContain(`<schemaversion>${version === "1.2" ? "1.2" : "2004 4th Edition"}</schemaversion>`);
    const listed = [...manifest.matchAll(/<file href="([^"]+)"/g)].map((match) => match[1]);
    expect(listed.sort()).toEqual(Object.keys(content).filter((name) => name !== "imsmanifest.xml").sort());

    const server = await serve(content, version);
    const context = await browser.newContext({ locale: "en-GB" });
    const lms = await context.newPage();
    await lms.goto(`http://127.0.0.1:${server.address().port}/`);
    const exercise = lms.frameLocator("iframe").frameLocator("#exercise");
    await expect(exercise.locator(".lesson")).toBeVisible({ timeout: 60_000 });
    await exercise.locator(".time__options select").first().selectOption("20x");
    const [raw, passed] = version === "1.2"
      ? ["cmi.core.score.raw", ["cmi.core.lesson_status", "passed"]]
      : ["cmi.score.raw", ["cmi.success_status", "passed"]];
    await expect.poll(() => lms.evaluate((name) => Number(globalThis.kept[name]), raw)).toBeGreaterThan(0);
    expect(await lms.evaluate(([name]) => globalThis.kept[name], passed)).not.toBe("passed");
    await exercise.getByRole("button", { name: "Show me" }).click();
    await expect.poll(() => lms.evaluate((name) => globalThis.kept[name], raw), { timeout: 60_000 }).toBe("100");
    expect(await lms.evaluate(([name]) => globalThis.kept[name], passed)).toBe("passed");
    const kept = await lms.evaluate(() => globalThis.kept["cmi.suspend_data"]);
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(4_096);

    await lms.reload();
    const calls = await lms.evaluate(() => globalThis.calls.map(([name]) => name));
    expect(calls[0]).toBe("begin");
    await expect(exercise.locator(".lesson__done")).toBeVisible({ timeout: 60_000 });
    await expect(exercise.locator(".terminal")).toContainText("scaled");
    await context.close();
    server.close();
  });
}
