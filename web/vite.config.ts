import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig, type Plugin, type Rolldown } from "vite";
import { ICONS } from "./src/shared/icons.js";

const WIDGET: Rolldown.RolldownOptions = {
  input: { widget: "src/widget/widget.ts" },
  output: { entryFileNames: "[name].js" },
};
const PAGES: Rolldown.RolldownOptions = {
  input: { workspace: "src/workspace/main.ts", demonstration: "src/demonstration.ts" },
  output: {
    entryFileNames: "[name].js",
    chunkFileNames: "assets/[name]-[hash].js",
    assetFileNames: (asset) =>
      asset.names[0]?.endsWith(".css") ? "workspace.css" : "assets/[name]-[hash][extname]",
  },
};

// Two builds: the pages, whose parts load when they are opened, and the widget, which is one file
// for other people's pages.
export default defineConfig(({ mode }) => ({
  publicDir: mode === "widget" ? false : "public",
  plugins: mode === "widget" ? [] : [sprite()],
  build: {
    target: "es2022",
    emptyOutDir: mode !== "widget",
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: mode === "widget" ? WIDGET : PAGES,
  },
}));

const STROKES =
  'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';

/** One file with the icons that the pages use, each a symbol of its name. */
function sprite(): Plugin {
  const where = createRequire(import.meta.url);
  const symbol = (name: string): string => {
    const svg = readFileSync(where.resolve(`lucide-static/icons/${name}.svg`), "utf8");
    const inner = svg
      .slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"))
      .trim();
    return `<symbol id="${name}" ${STROKES}>${inner}</symbol>`;
  };
  return {
    name: "sprite",
    generateBundle() {
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${ICONS.map(symbol).join("")}</svg>`;
      this.emitFile({ type: "asset", fileName: "icons.svg", source });
    },
  };
}
