// Runs the suite on anyrt-wasm: one worker of node's for each case, or one of Chromium's.
//
//   node run.mjs node|chromium FOLDER [--expect FILE] [--announce FILE] [--out FILE] [--jobs N] [--limit SECONDS] [GLOB…]
//
// FOLDER is what anyrt-wasm-bindgen wrote. A GLOB is one of `backend/family::rule`.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

import { runInChromium } from "./chromium.mjs";
import { runInNode } from "./node.mjs";

function usage(problem) {
  console.error(`${problem}\nusage: node run.mjs node|chromium FOLDER [--expect FILE] [--announce FILE] [--out FILE] [--jobs N] [--limit SECONDS] [GLOB…]`);
  process.exit(2);
}

const [host, folder, ...rest] = process.argv.slice(2);
if (!["node", "chromium"].includes(host) || !folder) usage("which host, and which folder?");
const options = { jobs: String(2 * os.availableParallelism()), limit: "30" };
const globs = [];
while (rest.length) {
  const argument = rest.shift();
  const option = argument.match(/^--(expect|announce|out|jobs|limit)$/)?.[1];
  if (option) options[option] = rest.shift() ?? usage(`${argument} takes a value`);
  else if (argument.startsWith("-")) usage(`no option ${argument}`);
  else globs.push(argument);
}
if (typeof WebAssembly.Suspending !== "function") usage("this node has no JSPI: take node 26, or `node --experimental-wasm-jspi`");

const module = path.resolve(folder, "anyrt_conformance_wasm.js");
const suite = await import(pathToFileURL(module));
suite.initSync({ module: fs.readFileSync(module.replace(/\.js$/, "_bg.wasm")) });
const cases = JSON.parse(suite.list(globs.join(" ")));
if (!cases.length) usage(`no case matches ${globs.join(" ")}`);

// Cases that are to fail may hang, for two seconds at most.
const jobs = cases.flatMap((it, index) => (it.runs ? [{ index, name: it.name, isToFail: it.isToFail, limit: it.isToFail ? 2 : Number(options.limit) }] : []));
const ran = cases.map(() => null);
let done = 0;
const began = Date.now();
const onEnd = (job, verdict, millis) => {
  ran[job.index] = { verdict, millis: Math.round(millis) };
  if (verdict.Err && !job.isToFail) console.error(`fail ${job.name}: ${verdict.Err}`);
  if (++done % 100 === 0) console.error(`${done} of ${jobs.length} cases, ${Math.round((Date.now() - began) / 1000)} s`);
};
await (host === "node" ? runInNode : runInChromium)(folder, jobs, Number(options.jobs), onEnd);

const expected = options.expect && fs.readFileSync(options.expect, "utf8");
const end = JSON.parse(suite.end(globs.join(" "), JSON.stringify(ran), expected));
if (options.out) fs.writeFileSync(options.out, end.table);
else console.log(end.table);
if (options.announce) fs.writeFileSync(options.announce, end.announced + "\n");
for (const failure of end.failed) console.error(`fail ${failure}`);
for (const growth of end.grown) console.error(`conformance: ${growth}: announce it with --announce if it is meant`);
console.log(`${end.passed} passed, ${end.failed.length} failed, on ${host}, ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(end.failed.length || end.grown.length ? 1 : 0);
