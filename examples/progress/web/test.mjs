// The page in headless Chromium, with a server that sends a quarter of the file whenever the test says so.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "./serve.mjs";

const TARGET = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../../target");
const { chromium } = createRequire(path.join(TARGET, "page-tools/"))("playwright-core");

const QUARTER = 256 * 1024;
const PATIENCE = 20_000;

/// Waits for `promise`, and fails where nothing comes of it.
async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`in vain: ${what}`)), PATIENCE)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// The answer to the last request for the file, and a promise of its end: whether the client left before it was whole.
let answer;
let onAnswer;
const server = await serve(0, (response) => {
  response.writeHead(200, { "content-length": 4 * QUARTER });
  const left = new Promise((resolve) => response.on("close", () => resolve(!response.writableFinished)));
  answer = { left, quarter: () => response.write(Buffer.alloc(QUARTER)), end: () => response.end() };
  onAnswer();
});
// What the page complained of.
const said = [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
try {
  const page = await browser.newPage({ viewport: { width: 720, height: 420 } });

  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const state = (text) => page.waitForFunction((text) => document.getElementById("state").textContent.startsWith(text), text);
  const bar = (bytes) => page.waitForFunction((bytes) => document.getElementById("bar").value === bytes, bytes);
  const begin = async (limit) => {
    const asked = new Promise((resolve) => (onAnswer = resolve));
    await page.fill("#limit", String(limit));
    await page.click("#start");
    await within(asked, "a request for the file");
  };

  await state("ready");
  await begin(60);
  for (const quarters of [1, 2, 3]) {
    answer.quarter();
    await bar(quarters * QUARTER);
    assert.match(await page.textContent("#text"), new RegExp(`\\] +${quarters * 25} % ${quarters * 256} KiB`));
    assert.equal(await page.textContent("#state"), "downloading");
    if (quarters === 2) await page.screenshot({ path: path.join(TARGET, "page/progress.png") });
  }
  answer.quarter();
  answer.end();
  await state("done: [##############################] 100 %");
  assert.equal(await within(answer.left, "the end of the connection"), false);
  console.log("ok: the bar moves while bytes come");

  await begin(60);
  answer.quarter();
  await bar(QUARTER);
  await page.click("#cancel");
  await state("the download was cancelled");
  assert.equal(await within(answer.left, "the end of the connection"), true);
  console.log("ok: cancel stops the download and closes its connection");

  await begin(1);
  answer.quarter();
  await state("the download took longer than 1s");
  assert.equal(await within(answer.left, "the end of the connection"), true);
  console.log("ok: the time limit stops the download and closes its connection");

  assert.deepEqual(said, []);
} catch (error) {
  console.log(said.join("\n"));
  throw error;
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
