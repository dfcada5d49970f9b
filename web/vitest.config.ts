import { defineConfig } from "vitest/config";

// What has logic is tested here, without a browser; what is drawn, by the browser tests.
const LOGIC = [
  "src/shared/{api,clock,json,language,live}.ts",
  "src/widget/{actions,conversation,outbox,texts}.ts",
  "src/workspace/{changes,router,values,words}.ts",
  "src/workspace/conversations/{shortcuts,understanding}.ts",
];

export default defineConfig({
  test: {
    environment: "happy-dom",
    environmentOptions: {
      happyDOM: { settings: { navigation: { disableMainFrameNavigation: true } } },
    },
    include: ["tests/**/*.test.ts"],
    coverage: {
      provider: "v8",
      include: LOGIC,
      reporter: ["text-summary"],
      thresholds: { lines: 80 },
    },
  },
});
