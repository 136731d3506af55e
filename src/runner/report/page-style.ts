/** The look of a report, light and dark as its reader has it, and on paper. */
export const pageStyle = `
:root{--ground:#f6f8fa;--card:#ffffff;--line:#e2e6ea;--text:#1f2933;--muted:#66727f;--accent:#2f6fb2;--stripe:#f6f8fa}
@media (prefers-color-scheme:dark){:root{--ground:#0f1317;--card:#15191e;--line:#2a323a;--text:#e6eaee;--muted:#9aa5b1;--accent:#6fb1ef;--stripe:#1a1f25}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 Inter,"Helvetica Neue",Helvetica,Arial,sans-serif}
main{max-width:1180px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:28px;line-height:1.2;margin:0 0 8px}h2{font-size:19px;margin:0 0 12px}h3{font-size:15px;margin:20px 0 6px}
.facts{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0 0 24px;color:var(--muted)}
.note{color:var(--muted);font-size:13px;margin:0 0 10px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 24px;margin:0 0 20px}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px;margin:0 0 20px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;display:flex;flex-direction:column}
.tile b{font-size:26px;line-height:1.2;font-variant-numeric:tabular-nums}.tile span{overflow-wrap:anywhere}.tile small,h3 small{color:var(--muted);font-weight:400}
.wide{overflow-x:auto}.wide>svg{display:block;max-width:100%;height:auto;margin:0 auto}
.tf .bar{fill:var(--accent)}
table{border-collapse:collapse;font-size:13px;margin:4px 0 14px;min-width:min(100%,360px)}
th{font-weight:500;color:var(--muted);text-align:left;border-bottom:1px solid var(--line)}
th,td{padding:5px 14px 5px 8px;vertical-align:top}tbody tr:nth-child(even){background:var(--stripe)}
.numbers td,.numbers th{white-space:nowrap;font-variant-numeric:tabular-nums;text-align:right}
.numbers td:first-child,.numbers th:first-child{text-align:left}
.state{font-size:12px;font-weight:600}.state.run{color:#b87400}.state.restore{color:#2f86c6}.state.pending{color:var(--muted)}
details{margin:4px 0}summary{cursor:pointer;color:var(--accent);font-size:13px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:20px;align-items:start}
figure{margin:0;min-width:0}figure img{display:block;max-width:100%;max-height:640px;margin:0 auto;background:#fff;border:1px solid var(--line);border-radius:8px}
.broad{grid-column:1/-1}.broad img{max-height:none}
figcaption{font-size:13px;color:var(--muted);margin-top:6px;overflow-wrap:anywhere}figcaption b{color:var(--text)}
code{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.steps{columns:3 300px;column-gap:32px}.step{break-inside:avoid-column;margin:0 0 20px}.step h3{margin-top:0}
dl{margin:0;font-size:13px}dl div{display:flex;justify-content:space-between;gap:16px;padding:2px 0;border-bottom:1px solid var(--line)}
dt{color:var(--muted);overflow-wrap:anywhere}dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.chosen dd{font-weight:600}.chosen dt{color:var(--text)}
@media print{body{background:#fff}section,.tile{break-inside:avoid;border-color:#ccc}main{padding:0}}
`;
