// Browser tests run in the machine's own Chromium, against the page in dist/.
import { defineConfig } from "@playwright/test";

const port = Number(process.env.TEST_PORT ?? 8123);

export default defineConfig({
  testDir: "tests/browser",
  outputDir: "target/browser-tests",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 }, // a busy machine starts the page slowly
  reporter: [["list"]],
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    headless: true,
    locale: "en-US",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    },
  },
  webServer: {
    command: `node scripts/serve.mjs dist ${port}`,
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: false,
  },
});
