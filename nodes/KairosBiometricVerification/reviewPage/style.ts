import { createHash } from 'crypto';

/**
 * The page's whole style: light and dark, phone, paper and greyscale (nothing depends on colour
 * alone).
 */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --soft: #595959; --line: #c4c4c4; --track: #e4e4e4; --fill: #3b5b8c; --back: #f1f1f1; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --paper: #161616; --soft: #ababab; --line: #4a4a4a; --track: #383838; --fill: #8fb0e0; --back: #242424; } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #333; --line: #999; --track: #ddd; --fill: #444; --back: #eee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; margin: 0 0 0.5rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.15rem; }
h3 { font-size: 1rem; }
p { margin: 0 0 0.5rem; }
section, header, footer { margin: 0 0 1.5rem; }
header { border: 2px solid var(--ink); border-radius: 0.5rem; padding: 0.75rem 1rem; }
header p:last-child { margin: 0; }
.mark { display: inline-block; min-width: 1.6em; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.75rem; }
figure { margin: 0; min-width: 0; }
.frame { position: relative; margin-bottom: 0.5rem; background: var(--back); }
.frame > img { display: block; width: 100%; height: auto; max-height: 36rem; object-fit: contain; }
.frame > svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.frame > p { padding: 2rem 0.75rem; margin: 0; text-align: center; border: 1px dashed var(--line); }
.face { fill: none; stroke: #fff; stroke-width: 5; vector-effect: non-scaling-stroke; }
.face + .face { stroke: #000; stroke-width: 2; }
.number { fill: #fff; stroke: #000; stroke-width: 5; stroke-linejoin: round; paint-order: stroke; vector-effect: non-scaling-stroke; font-family: system-ui, sans-serif; font-weight: bold; }
figcaption, .soft { color: var(--soft); font-size: 0.9rem; }
figcaption ul { margin: 0; padding-left: 1.2rem; }
.bar { display: block; width: 100%; height: 1.25rem; margin: 0.25rem 0; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.track { fill: var(--track); stroke: var(--line); vector-effect: non-scaling-stroke; }
.fill { fill: var(--fill); }
.threshold { stroke: var(--ink); stroke-width: 4; vector-effect: non-scaling-stroke; }
.findings { margin: 0; padding: 0; list-style: none; }
.findings > li { border-left: 4px solid var(--line); padding: 0 0 0 0.75rem; margin: 0 0 0.75rem; }
.findings > li.rejects { border-left-color: var(--ink); }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); gap: 0.25rem 1rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; }
@media (max-width: 36rem) { dl { display: block; } dd { margin-bottom: 0.5rem; } }
code { font-family: ui-monospace, monospace; font-size: 0.85em; }
@media print { body { padding: 0; font-size: 10pt; } section, figure, li { break-inside: avoid; } .frame > img { max-height: 11cm; } }
`;

/**
 * The policy of a page: it may use its own style and pictures, and nothing from outside.
 *
 * @param style the text of its only style element
 * @param formAction where its forms may send to
 */
export function contentSecurityPolicy(style: string, formAction: "'none'" | "'self'"): string {
	return [
		"default-src 'none'",
		'img-src data:',
		`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
		"base-uri 'none'",
		`form-action ${formAction}`,
	].join('; ');
}
