// The look of poster and frame. The poster's colours are those of src/playground/poster.rs, in the dark.
const DARK = `
  .poster-ground { fill: #1b1e23; }
  .poster-ink { fill: #eceef1; }
  .poster-quiet { fill: #aab1bc; }
  .poster-busy { fill: #8cc0f5; }
  .poster-good { fill: #7fd497; }
  .poster-leave { fill: #f0be6d; }
  .poster-bad { fill: #ff9d94; }
  path.poster-quiet { fill: none; stroke: #aab1bc; }
  path.poster-busy { fill: none; stroke: #8cc0f5; }
  path.poster-good { fill: none; stroke: #7fd497; }
  path.poster-leave { fill: none; stroke: #f0be6d; }
  path.poster-bad { fill: none; stroke: #ff9d94; }
  .plain, .failed { color: #eceef1; background: #1b1e23; }
`;

const within = (scope, rules) => rules.replace(/^ {2}/gm, `  ${scope} `).replace(/, \./g, `, ${scope} .`);

export const FRAME_STYLE = `
  :host { display: block; position: relative; block-size: var(--height, 26rem); contain: layout; }
  :host([hidden]) { display: none; }
  iframe { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; border: 0; visibility: hidden; }
  iframe.shown { visibility: visible; }
  .poster-box { block-size: 100%; overflow: auto; box-sizing: border-box; border: 1px solid #8a919c;
    border-radius: 6px; font: 14px/1.5 system-ui, sans-serif; }
  svg { display: block; }
  .plain { padding: 1rem; min-block-size: 100%; box-sizing: border-box; }
  .plain, .failed { color: #17191d; background: #fcfcfd; }
  .failed { margin: 0; padding: 1rem; }
  .start { position: absolute; inset-block-start: 12px; inset-inline-end: 12px; padding: 6px 14px;
    font: inherit; color: #fff; background: #1d5a9e; border: 0; border-radius: 6px; cursor: pointer; }
  .start:focus-visible { outline: 3px solid #8cc0f5; outline-offset: 2px; }
  @media (prefers-color-scheme: dark) {
    ${within('.poster-box:not([data-theme="light"])', DARK)}
  }
  ${within('.poster-box[data-theme="dark"]', DARK)}
`;
