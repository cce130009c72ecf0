import { contentSecurityPolicy, STYLE } from '../../reviewPage/style';

/** The style of the pages behind the reviewer's link: the review page's, plus what a form needs. */
export const CASES_STYLE = `${STYLE}
body { max-width: 52rem; }
a { color: inherit; }
.case { border-top: 2px solid var(--ink); padding-top: 1.25rem; margin-bottom: 2.5rem; }
.case > h2 { font-size: 1.35rem; }
.decided { display: inline-block; border: 1px solid var(--ink); border-radius: 1rem; padding: 0 0.75rem; margin: 0 0 0.5rem; font-weight: bold; }
h4 { font-size: 1rem; line-height: 1.25; margin: 0 0 0.25rem; }
.pair { margin-bottom: 1rem; }
figcaption { font-weight: bold; color: var(--ink); margin-bottom: 0.25rem; }
.frame { margin: 0; }
.frame > img { max-height: 34rem; }
fieldset { border: 2px solid var(--ink); border-radius: 0.5rem; margin: 0 0 1rem; padding: 0.75rem 1rem 1rem; min-width: 0; }
legend { font-weight: bold; padding: 0 0.5rem; margin-left: -0.5rem; }
.choices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(9rem, 100%), 1fr)); gap: 0.75rem; margin-bottom: 1rem; }
.choice { display: flex; align-items: center; gap: 0.6rem; min-height: 3.5rem; padding: 0.5rem 0.75rem; border: 2px solid var(--soft); border-radius: 0.5rem; background: var(--back); font-size: 1.1rem; font-weight: bold; overflow-wrap: normal; cursor: pointer; }
.choice input { flex: none; width: 1.5rem; height: 1.5rem; margin: 0; accent-color: var(--fill); }
.choice:has(input:checked) { border-color: var(--ink); box-shadow: inset 0 0 0 2px var(--ink); }
.field { display: block; margin-bottom: 0.25rem; font-weight: bold; }
input[type="text"], textarea { display: block; width: 100%; padding: 0.6rem 0.75rem; border: 1px solid var(--soft); border-radius: 0.35rem; background: var(--paper); color: var(--ink); font: inherit; }
textarea { min-height: 4.5rem; resize: vertical; }
details { margin-bottom: 1rem; }
button { display: block; width: 100%; min-height: 3.5rem; margin: 1rem 0 0.75rem; padding: 0.5rem 1rem; border: 2px solid var(--ink); border-radius: 0.5rem; background: var(--ink); color: var(--paper); font: inherit; font-size: 1.15rem; font-weight: bold; cursor: pointer; }
:focus-visible, .choice:focus-within { outline: 3px solid var(--fill); outline-offset: 2px; }
.gaps { border: 3px double var(--ink); border-radius: 0.5rem; padding: 0.75rem 1rem; margin-bottom: 1.5rem; }
.gaps ul { margin: 0; padding-left: 1.2rem; }
.gap { font-weight: bold; }
.gap::before { content: "! "; }
.note { white-space: pre-wrap; }
summary { cursor: pointer; font-weight: bold; margin-bottom: 0.5rem; }
@media (max-width: 36rem) { .pair { grid-template-columns: minmax(0, 1fr); } .frame > img { max-height: 44vh; max-height: 44svh; } }
@media print { .case { break-inside: auto; } .case + .case { break-before: page; } button { display: none; } .pair { grid-template-columns: repeat(2, minmax(0, 1fr)); } .frame > img { max-height: 11cm; } details::details-content { content-visibility: visible; display: block; } }
`;

/** These pages may use their own style and pictures, and send the form to their own address. */
export const CASES_POLICY = contentSecurityPolicy(CASES_STYLE, "'self'");
