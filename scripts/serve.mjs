// Serves a built page on this machine only: node scripts/serve.mjs [folder] [port]
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const folder = process.argv[2] ?? "dist";
const port = Number(process.argv[3] ?? process.env.PORT ?? 8080);

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

function fileFor(url) {
  const path = normalize(decodeURIComponent(new URL(url, "http://localhost").pathname));
  return join(folder, path.endsWith("/") ? join(path, "index.html") : path);
}

const server = createServer((request, response) => {
  let file;
  try {
    file = fileFor(request.url);
    if (!statSync(file).isFile()) throw new Error("not a file");
  } catch {
    response.writeHead(404, { "content-type": types[".html"] }).end("<!DOCTYPE html><title>Not found</title>\n");
    return;
  }
  const type = types[extname(file)] ?? "application/octet-stream";
  // What has its hash in its name never changes. Sandboxed frames have no origin that could be named.
  const caching = /-[0-9a-f]{12,16}(_bg)?\.(css|js|wasm)$/.test(file) ? "max-age=31536000, immutable" : "no-cache";
  response.writeHead(200, { "content-type": type, "cache-control": caching, "access-control-allow-origin": "*" });
  createReadStream(file).pipe(response);
});

server.on("error", (error) => {
  const isTaken = error.code === "EADDRINUSE";
  console.error(`error: ${isTaken ? `port ${port} is taken: choose another with PORT=8081 make serve.` : error.message}`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => console.log(`Serving ${folder} at http://localhost:${port}/`));
