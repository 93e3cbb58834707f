// Runs a module that anyrt-wasm-bindgen wrote for node as a page runs it: an exception ends a callback, and not the program.
//
//   node exceptions.mjs MODULE.js
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

process.on("uncaughtException", (error) => console.log(`exception: ${error.message}`));
// When the module has nothing more to do: a timer set before may fire first where loading takes long.
process.once("beforeExit", () => setTimeout(() => console.log("JavaScript goes on"), 0));
createRequire(import.meta.url)(path.resolve(process.argv[2]));
