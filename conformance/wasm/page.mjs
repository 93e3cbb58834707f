// In the page: asks for cases, runs each in a worker of its own, and tells the verdicts.
const atOnce = Number(new URLSearchParams(location.search).get("jobs"));
const module = await WebAssembly.compileStreaming(fetch("/suite/anyrt_conformance_wasm_bg.wasm"));

function run(job) {
  return new Promise((resolve) => {
    const worker = new Worker("/worker.mjs", { type: "module" });
    const end = (verdict) => { clearTimeout(timer); worker.terminate(); resolve(verdict); };
    const timer = setTimeout(() => end({ Err: `hung: no result after ${job.limit}s` }), job.limit * 1000);
    worker.onmessage = ({ data }) => end(data);
    worker.onerror = (error) => end({ Err: `crashed: ${error.message}` });
    worker.postMessage({ module, name: job.name });
  });
}

async function work() {
  for (;;) {
    const job = await (await fetch("/job")).json();
    if (!job) return;
    const began = performance.now();
    const verdict = await run(job);
    const millis = performance.now() - began;
    await fetch("/verdict", { method: "POST", body: JSON.stringify({ index: job.index, verdict, millis }) });
  }
}

await Promise.all(Array.from({ length: atOnce }, work));
