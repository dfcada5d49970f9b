import { css } from "lit";

// A bank sets these on <bank-assistant>: --bank-brand, --bank-on-brand, --bank-paper, --bank-ink,
// --bank-soft, --bank-line, --bank-font, --bank-radius.
export const styles = css`
  :host {
    --bank-brand: #0b5c6b;
    --bank-on-brand: #fff;
    --bank-paper: #fff;
    --bank-ink: #16202c;
    --bank-soft: #eef3f7;
    --bank-line: #76828f;
    --bank-error: #b3261e;
    --bank-radius: 1em;
    --bank-font: system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
    all: initial;
    position: fixed;
    right: 16px;
    bottom: 16px;
    z-index: 2147483000;
    color-scheme: light;
  }
  @media (prefers-color-scheme: dark) {
    :host(:not([theme="light"])) {
      --bank-brand: #3fb6c9;
      --bank-on-brand: #06222a;
      --bank-paper: #131b23;
      --bank-ink: #e8eef5;
      --bank-soft: #202c37;
      --bank-line: #8b98a6;
      --bank-error: #ff8a80;
      color-scheme: dark;
    }
  }
  :host([theme="dark"]) {
    --bank-brand: #3fb6c9;
    --bank-on-brand: #06222a;
    --bank-paper: #131b23;
    --bank-ink: #e8eef5;
    --bank-soft: #202c37;
    --bank-line: #8b98a6;
    --bank-error: #ff8a80;
    color-scheme: dark;
  }
  * {
    box-sizing: border-box;
  }
  .panel,
  .launch {
    font: 15px/1.45 var(--bank-font);
    color: var(--bank-ink);
  }
  button,
  .file {
    font: inherit;
    color: inherit;
    background: none;
    border: 1px solid var(--bank-line);
    border-radius: 0.6em;
    padding: 0.3em 0.65em;
    min-height: 2em;
    cursor: pointer;
  }
  button:focus-visible,
  input:focus-visible,
  textarea:focus-visible,
  select:focus-visible,
  summary:focus-visible,
  a:focus-visible,
  .log:focus-visible,
  .file:focus-within {
    outline: 3px solid var(--bank-brand);
    outline-offset: 2px;
  }
  header button:focus-visible,
  header summary:focus-visible {
    outline-color: var(--bank-on-brand);
  }
  button:disabled {
    opacity: 0.6;
    cursor: default;
  }
  .primary {
    background: var(--bank-brand);
    color: var(--bank-on-brand);
    border-color: transparent;
  }
  .launch {
    position: relative;
    width: 3.5em;
    height: 3.5em;
    border-radius: 50%;
    border: 0;
    background: var(--bank-brand);
    color: var(--bank-on-brand);
    padding: 0.9em;
    box-shadow: 0 4px 14px #0004;
  }
  .badge {
    position: absolute;
    top: -0.3em;
    right: -0.3em;
    min-width: 1.4em;
    padding: 0 0.35em;
    border-radius: 1em;
    background: #b3261e;
    color: #fff;
    font-size: 0.8em;
    line-height: 1.4em;
  }
  .panel {
    display: flex;
    flex-direction: column;
    width: min(23.5em, calc(100vw - 2em));
    height: min(40em, calc(100dvh - 2em));
    background: var(--bank-paper);
    border-radius: var(--bank-radius);
    overflow: hidden;
    box-shadow: 0 8px 30px #0005;
  }
  header {
    display: flex;
    gap: 0.4em;
    align-items: center;
    padding: 0.55em 0.7em;
    background: var(--bank-brand);
    color: var(--bank-on-brand);
  }
  header h2 {
    flex: 1;
    margin: 0;
    font-size: 1em;
  }
  header button,
  header summary {
    border-color: currentColor;
  }
  .menu {
    position: relative;
  }
  .menu summary {
    list-style: none;
    cursor: pointer;
    border: 1px solid;
    border-radius: 0.6em;
    padding: 0.3em 0.6em;
    line-height: 1.3;
  }
  .menu div {
    position: absolute;
    right: 0;
    top: 2.5em;
    z-index: 1;
    display: grid;
    gap: 0.3em;
    width: max-content;
    padding: 0.5em;
    background: var(--bank-paper);
    color: var(--bank-ink);
    border-radius: 0.6em;
    box-shadow: 0 4px 18px #0006;
  }
  .menu div button {
    text-align: start;
    border: 0;
  }
  .log {
    flex: 1;
    overflow-y: auto;
    padding: 0.8em;
    display: flex;
    flex-direction: column;
    gap: 0.5em;
  }
  .message {
    max-width: 88%;
    padding: 0.5em 0.75em;
    border-radius: 0.9em;
    background: var(--bank-soft);
    white-space: pre-line;
    overflow-wrap: anywhere;
    align-self: flex-start;
  }
  .message.wide {
    max-width: 100%;
    align-self: stretch;
  }
  .message.customer {
    align-self: flex-end;
    background: var(--bank-brand);
    color: var(--bank-on-brand);
  }
  .message.agent {
    border-left: 4px solid var(--bank-brand);
  }
  .message.system {
    align-self: center;
    font-style: italic;
    background: none;
  }
  .message button,
  .message .card,
  .typing {
    white-space: normal;
  }
  .message.customer button {
    border-color: currentColor;
  }
  .dots {
    display: inline-flex;
    gap: 0.25em;
  }
  .dots i {
    width: 0.45em;
    height: 0.45em;
    border-radius: 50%;
    background: currentColor;
    animation: blink 1.2s infinite;
  }
  .dots i:nth-child(2) {
    animation-delay: 0.2s;
  }
  .dots i:nth-child(3) {
    animation-delay: 0.4s;
  }
  @keyframes blink {
    50% {
      opacity: 0.2;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .dots i {
      animation: none;
    }
  }
  .replies {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4em;
  }
  .replies button {
    border-color: var(--bank-brand);
  }
  details.source {
    margin-top: 0.4em;
    font-size: 0.92em;
    white-space: normal;
  }
  summary {
    cursor: pointer;
  }
  blockquote {
    margin: 0.3em 0;
    padding-left: 0.6em;
    border-left: 3px solid var(--bank-brand);
    white-space: pre-line;
  }
  .cards {
    list-style: none;
    margin: 0.5em 0 0;
    padding: 0;
    display: grid;
    gap: 0.4em;
    white-space: normal;
  }
  .card {
    padding: 0.5em 0.6em;
    border: 1px solid var(--bank-line);
    border-radius: 0.6em;
    background: var(--bank-paper);
    color: var(--bank-ink);
  }
  .card p {
    margin: 0.2em 0;
  }
  .level {
    font-size: 0.88em;
    border: 1px solid var(--bank-line);
    border-radius: 0.5em;
    padding: 0 0.35em;
  }
  .vote {
    margin: 0.4em 0 0;
    font-size: 0.9em;
    display: flex;
    gap: 0.4em;
    align-items: center;
    white-space: normal;
  }
  .vote button {
    padding: 0 0.5em;
    min-height: 1.6em;
  }
  .fields {
    display: grid;
    gap: 0.6em;
    padding: 0.7em;
    border: 1px solid var(--bank-line);
    border-radius: 0.8em;
  }
  .fields label {
    display: grid;
    gap: 0.2em;
  }
  .fields button {
    justify-self: start;
  }
  a {
    color: inherit;
  }
  .state,
  .error {
    margin: 0;
    padding: 0.4em 0.8em;
    font-size: 0.92em;
    background: var(--bank-soft);
  }
  .error {
    color: var(--bank-error);
  }
  .state button {
    margin-left: 0.4em;
  }
  .compose {
    display: flex;
    gap: 0.4em;
    padding: 0.6em;
    border-top: 1px solid var(--bank-soft);
    align-items: center;
  }
  input,
  textarea,
  select {
    min-width: 0;
    font: inherit;
    color: inherit;
    background: var(--bank-soft);
    border: 1px solid var(--bank-line);
    border-radius: 0.6em;
    padding: 0.45em 0.6em;
    width: 100%;
  }
  .compose > input {
    flex: 1;
  }
  .file {
    display: inline-flex;
    align-items: center;
  }
  .file svg,
  .launch svg {
    width: 1.2em;
    height: 1.2em;
  }
  .launch svg {
    width: 100%;
    height: 100%;
  }
  .file input {
    position: absolute;
    width: 1px;
    height: 1px;
    opacity: 0;
    padding: 0;
  }
  .rating {
    display: grid;
    gap: 0.5em;
    padding: 0.6em 0.8em;
    background: var(--bank-soft);
  }
  .rating fieldset {
    border: 0;
    padding: 0;
    margin: 0;
    display: flex;
    gap: 0.3em;
    flex-wrap: wrap;
  }
  .rating legend {
    padding: 0;
  }
  .rating label {
    cursor: pointer;
  }
  .stars input {
    position: absolute;
    opacity: 0;
    width: 1px;
    height: 1px;
  }
  .stars span {
    display: inline-block;
    min-width: 2em;
    padding: 0.2em 0.5em;
    text-align: center;
    border: 1px solid var(--bank-line);
    border-radius: 0.5em;
    background: var(--bank-paper);
  }
  .stars input:checked + span {
    background: var(--bank-brand);
    color: var(--bank-on-brand);
  }
  .stars input:focus-visible + span {
    outline: 3px solid var(--bank-brand);
    outline-offset: 2px;
  }
  .hidden-label {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (max-width: 480px), (max-height: 480px) {
    :host([open]) {
      inset: 0;
    }
    .panel {
      width: 100%;
      height: 100%;
      border-radius: 0;
    }
  }
`;
