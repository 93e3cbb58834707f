// Runs a module that anyrt-wasm-bindgen wrote for node as a page runs it: an exception ends a callback, and not the program.
//
//   node exceptions.mjs MODULE.js
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

process.on("uncaughtException", (error) => console.log(`exception: ${error.message}`));
setTimeout(() => console.log("JavaScript goes on"), 200);
createRequire(import.meta.url)(path.resolve(process.argv[2]));
