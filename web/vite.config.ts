import { defineConfig } from "vite";

export default defineConfig({
  publicDir: "public",
  build: {
    target: "es2022",
    rollupOptions: {
      input: { widget: "src/widget.ts", workspace: "src/workspace.ts", knowledge: "src/knowledge.ts", tickets: "src/tickets.ts", demonstration: "src/demonstration.ts" },
      output: { entryFileNames: "[name].js", chunkFileNames: "shared-[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
