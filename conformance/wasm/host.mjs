// What the module imports to put its stack aside, by JSPI.
const waiting = new Map();
const channel = globalThis.setImmediate ? null : new MessageChannel();
const queue = [];
if (channel) channel.port1.onmessage = () => queue.shift()();
// Calls back in another turn of the event loop.
const later = globalThis.setImmediate ?? ((work) => { queue.push(work); channel.port2.postMessage(null); });

export const suspend = new WebAssembly.Suspending(
  (root, isWoken) => new Promise((resolve) => (isWoken ? later(resolve) : waiting.set(root, resolve))),
);

export function resume(root) {
  const resolve = waiting.get(root);
  waiting.delete(root);
  resolve?.();
}

export const suspend_for = new WebAssembly.Suspending((millis) => new Promise((resolve) => setTimeout(resolve, millis)));

export const say = (text) => console.error(text);
