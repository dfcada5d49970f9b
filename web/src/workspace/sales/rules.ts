// A segment's rule in words.

import { html, type TemplateResult } from "lit";
import { number, wording } from "../../shared/language.js";
import { readable } from "../values.js";
import { name } from "../words.js";

interface Condition {
  field: string;
  compare?: string;
  value: string | number | string[];
}
interface Rule {
  all?: (Condition | Rule)[];
  any?: (Condition | Rule)[];
}

const say = wording({
  all: { en: "all of", zh: "同时满足" },
  any: { en: "any of", zh: "满足任一" },
  is: { en: "is", zh: "是" },
  is_not: { en: "is not", zh: "不是" },
  at_least: { en: "at least", zh: "不低于" },
  at_most: { en: "at most", zh: "不高于" },
  above: { en: "above", zh: "高于" },
  below: { en: "below", zh: "低于" },
  one_of: { en: "one of", zh: "为其中之一：" },
});

export function inWords(rule: Condition | Rule): TemplateResult {
  if ("field" in rule)
    return html`${name(rule.field)} ${say((rule.compare ?? "is") as "is")}
    ${typeof rule.value === "number" ? number(rule.value, 2) : readable(rule.value)}`;
  const part = (kind: "all" | "any", rules: (Condition | Rule)[]): TemplateResult =>
    html`${rules.length > 1 ? say(kind) : ""}
      <ul>
        ${rules.map((one) => html`<li>${inWords(one)}</li>`)}
      </ul>`;
  return html`${rule.all?.length ? part("all", rule.all) : ""}${rule.any?.length ? part("any", rule.any) : ""}`;
}
