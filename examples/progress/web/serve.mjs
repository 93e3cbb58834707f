// Serves the page, and a file that comes slowly: `node examples/progress/web/serve.mjs`.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

const BUILT = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../../target/page/web");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/// Serves the page on the loopback interface, and has `onFile` answer for `/file`.
export function serve(port, onFile) {
  const server = http.createServer((request, response) => {
    const name = new URL(request.url, "http://page").pathname;
    if (name === "/file") return void onFile(response);
    const file = path.join(BUILT, path.basename(name) || "index.html");
    if (!fs.existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "text/plain" });
    fs.createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

/// Sends 8 MiB in ten seconds.
function slowly(response) {
  const piece = Buffer.alloc(64 * 1024);
  let left = 128;
  response.writeHead(200, { "content-length": left * piece.length });
  const timer = setInterval(() => {
    if (left-- > 0) response.write(piece);
    else response.end();
  }, 80);
  response.on("close", () => clearInterval(timer));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await serve(8000, slowly);
  console.log(`http://localhost:${server.address().port}/`);
}
