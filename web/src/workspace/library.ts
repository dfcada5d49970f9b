// The component library: its theme, the components that are used, their words in Chinese, and our
// icons in place of its own.

import "@awesome.me/webawesome/dist/styles/themes/default.css";
import "@awesome.me/webawesome/dist/styles/native.css";
import "@awesome.me/webawesome/dist/styles/color/variants.css";
import "./workspace.css";
import "@awesome.me/webawesome/dist/components/badge/badge.js";
import "@awesome.me/webawesome/dist/components/callout/callout.js";
import "@awesome.me/webawesome/dist/components/details/details.js";
import "@awesome.me/webawesome/dist/components/dialog/dialog.js";
import "@awesome.me/webawesome/dist/components/dropdown/dropdown.js";
import "@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js";
import "@awesome.me/webawesome/dist/components/spinner/spinner.js";
import "@awesome.me/webawesome/dist/components/tab/tab.js";
import "@awesome.me/webawesome/dist/components/tab-group/tab-group.js";
import "@awesome.me/webawesome/dist/components/tab-panel/tab-panel.js";
import "@awesome.me/webawesome/dist/translations/zh-cn.js";
import { registerIconLibrary } from "@awesome.me/webawesome/dist/webawesome.js";

// The library's icons are drawn from markup that is fetched, which our Trusted Types policy
// refuses; a sprite is only referred to.
const OURS: Record<string, string> = {
  xmark: "x",
  "circle-xmark": "circle-x",
  "circle-question": "circle-question-mark",
  "eye-slash": "eye-off",
};
registerIconLibrary("system", {
  resolver: (name) => `/icons.svg#${OURS[name] ?? name}`,
  spriteSheet: true,
});
registerIconLibrary("default", {
  resolver: (name) => `/icons.svg#${OURS[name] ?? name}`,
  spriteSheet: true,
});
