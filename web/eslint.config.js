// What a formatter cannot see: types that are misused, templates that do not parse.

import js from "@eslint/js";
import { configs as lit } from "eslint-plugin-lit";
import { configs as wc } from "eslint-plugin-wc";
import { defineConfig, globalIgnores } from "eslint/config";
import typescript from "typescript-eslint";

const browser = Object.fromEntries(
  ["addEventListener", "document", "localStorage", "matchMedia"].map((name) => [name, "readonly"]),
);
export default defineConfig(
  globalIgnores(["coverage/", "dist/", "src/shared/contract.d.ts"]),
  js.configs.recommended,
  { files: ["public/**"], languageOptions: { globals: browser } },
  {
    files: ["**/*.ts"],
    extends: [
      typescript.configs.strictTypeChecked,
      typescript.configs.stylisticTypeChecked,
      lit["flat/recommended"],
      wc["flat/recommended"],
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Whoever reads a form or a stored value names its type.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "lit/ban-attributes": ["error", "onclick", "style"],
      "lit/no-template-bind": "error",
      "lit/no-useless-template-literals": "error",
      "lit/no-value-attribute": "error",
      "lit/prefer-nothing": "error",
      "lit/prefer-static-styles": "error",
    },
  },
);
