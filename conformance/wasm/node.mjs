// One worker of node's for each case: an isolate and an instance of its own. The module is compiled once.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

/// Runs `jobs`, and calls `onEnd` with each, its verdict and the milliseconds it took.
export async function runInNode(folder, jobs, atOnce, onEnd) {
  const glue = pathToFileURL(path.resolve(folder, "anyrt_conformance_wasm.js")).href;
  const module = new WebAssembly.Module(fs.readFileSync(path.resolve(folder, "anyrt_conformance_wasm_bg.wasm")));
  const waiting = jobs.slice();
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const began = performance.now();
      onEnd(job, await runOne(glue, module, job), performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function runOne(glue, module, job) {
  return new Promise((resolve) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { glue, module, name: job.name }, stdout: true, stderr: true });
    let words = "";
    worker.stderr.on("data", (data) => (words = (words + data).slice(-600)));
    let hasEnded = false;
    const end = async (verdict) => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(timer);
      await worker.terminate();
      resolve(verdict);
    };
    const timer = setTimeout(() => end({ Err: `hung: no result after ${job.limit} s; ${words.trim()}` }), job.limit * 1000);
    worker.on("message", end);
    worker.on("error", (error) => end({ Err: `crashed: ${error}; ${words.trim()}` }));
    worker.on("exit", (code) => end({ Err: `crashed: its worker ended (${code}); ${words.trim()}` }));
  });
}

if (!isMainThread) {
  const suite = await import(workerData.glue);
  const wasm = suite.initSync({ module: workerData.module });
  suite.choose(workerData.name);
  // A stack that was put aside keeps no worker alive.
  setInterval(() => {}, 1000);
  await WebAssembly.promising(wasm.run)();
  parentPort.postMessage(JSON.parse(suite.verdict()));
}
