import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The development server passes everything under /api to a running `worldline serve`.
const api = process.env["WORLDLINE_API"] ?? "http://127.0.0.1:8470";

export default defineConfig({
  plugins: [react()],
  server: { host: "127.0.0.1", proxy: { "/api": { target: api, ws: true, changeOrigin: true, headers: { origin: api } } } },
  build: { outDir: "dist", chunkSizeWarningLimit: 1500, sourcemap: false },
  worker: { format: "es" },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
