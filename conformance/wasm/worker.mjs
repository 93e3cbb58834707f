// In a worker: runs one case.
import * as suite from "/suite/anyrt_conformance_wasm.js";

self.onmessage = async ({ data: { module, name } }) => {
  try {
    const wasm = suite.initSync({ module });
    suite.choose(name);
    await WebAssembly.promising(wasm.run)();
    self.postMessage(JSON.parse(suite.verdict()));
  } catch (error) {
    self.postMessage({ Err: `crashed: ${error}` });
  }
};
