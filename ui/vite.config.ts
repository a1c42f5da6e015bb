import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const OUT = "../src/headrace/ui";
const WORTH_PACKING = 1024;

/** Writes a `.br` and a `.gz` beside each text file, for the server to send as they are. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    closeBundle() {
      for (const entry of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || !/\.(js|css|svg|html)$/.test(path)) continue;
        const content = readFileSync(path);
        // The page itself is completed by the server, so it is never sent packed.
        if (content.length < WORTH_PACKING || entry.name === "index.html") continue;
        writeFileSync(
          `${path}.br`,
          brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
        );
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

/** The licence of the typeface, which travels with it. */
function typefaceLicence(): Plugin {
  return {
    name: "typeface-licence",
    apply: "build",
    generateBundle() {
      const source = readFileSync("node_modules/@fontsource-variable/inter/LICENSE");
      this.emitFile({ type: "asset", fileName: "licence-inter.txt", source });
    },
  };
}

/** What the server does to the page when it sends it. */
function based(): Plugin {
  return {
    name: "based",
    apply: "serve",
    transformIndexHtml: (html) => html.replace("<head>", '<head><base href="/">'),
  };
}

export default defineConfig({
  // Relative, so that the same build works under any path prefix.
  base: "./",
  plugins: [react(), typefaceLicence(), packed(), based()],
  resolve: { tsconfigPaths: true },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    license: { fileName: "licences.md" },
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ["/ajax-api", "/api", "/get-artifact", "/version"].map((path) => [
        path,
        process.env.HEADRACE_SERVER ?? "http://127.0.0.1:5000",
      ]),
    ),
  },
});
