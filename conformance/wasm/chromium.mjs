// One worker of Chromium's for each case. The page asks for cases and tells verdicts by a server on the loopback interface.
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/// Runs `jobs`, and calls `onEnd` with each, its verdict and the milliseconds it took.
export async function runInChromium(folder, jobs, atOnce, onEnd) {
  const waiting = jobs.slice();
  let left = jobs.length;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const server = http.createServer((request, response) => {
    if (request.url === "/job") {
      const job = waiting.shift();
      response.end(JSON.stringify(job ?? null));
    } else if (request.url === "/verdict") {
      let text = "";
      request.on("data", (data) => (text += data));
      request.on("end", () => {
        const { index, verdict, millis } = JSON.parse(text);
        onEnd(jobs.find((it) => it.index === index), verdict, millis);
        response.end();
        if (--left === 0) finish();
      });
    } else {
      const name = new URL(request.url, "http://page").pathname;
      const file = name.startsWith("/suite/") ? path.join(folder, path.basename(name)) : path.join(HERE, path.basename(name) || "page.html");
      if (!fs.existsSync(file)) return void response.writeHead(404).end();
      response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "text/plain" });
      fs.createReadStream(file).pipe(response);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "anyrt-chromium-"));
  const chromium = spawn(process.env.CHROMIUM ?? "chromium", [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
    `--user-data-dir=${profile}`, `http://127.0.0.1:${server.address().port}/page.html?jobs=${atOnce}`,
  ], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let words = "";
  chromium.stderr.on("data", (data) => (words = (words + data).slice(-2000)));
  const gone = new Promise((_, reject) => {
    chromium.on("error", reject);
    chromium.on("exit", (code) => reject(new Error(`chromium ended with ${code}: ${words}`)));
  });
  try {
    await Promise.race([finished, gone]);
  } finally {
    gone.catch(() => {});
    const ended = new Promise((resolve) => chromium.on("exit", resolve));
    // Its whole process group, which is its own.
    try { process.kill(-chromium.pid, "SIGKILL"); await ended; } catch { /* It is gone already. */ }
    server.close();
    server.closeAllConnections();
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
