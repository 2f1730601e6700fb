"""The style and the script of the page of a trace."""

from __future__ import annotations

__all__ = ["SCRIPT", "SHEET"]

SHEET = """
body.bt{margin:0;padding:1rem 1.5rem;background:var(--paper);color:var(--ink);
font:16px/1.45 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.25rem;margin:0;overflow-wrap:anywhere}h2{font-size:1rem;margin:.8rem 0 .2rem}
.point{margin:.2rem 0}.point span{margin:0 .6em;overflow-wrap:anywhere}
.walk{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.4rem;
align-items:center;padding:.5rem 0;background:var(--paper);border-bottom:1px solid var(--rim)}
.walk button{font:inherit;min-width:2.6rem;padding:.2rem .5rem;color:var(--ink);background:var(--box);
border:1px solid var(--rim);border-radius:4px}
.walk input{flex:1 1 12rem;accent-color:var(--lit)}.walk p{flex:1 1 100%;margin:0;min-height:1.5em}
:focus-visible{outline:3px solid var(--lit);outline-offset:1px}
main{display:grid;gap:0 2rem;grid-template-columns:minmax(0,1fr)}
@media(min-width:75rem){main{grid-template-columns:minmax(0,1.1fr) minmax(0,1fr)}}
figure{margin:.8rem 0;overflow:auto;max-height:85vh}figure svg{display:block}
figcaption{font-size:.9rem}figcaption ul{margin:.2rem 0;padding-left:1.2rem}
.rows{overflow:auto;max-height:45vh}
table{border-collapse:collapse;font-size:.9rem;width:100%}
table,.forks,.answer,.point{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",
monospace}
th,td{padding:.1rem .5rem;text-align:left;vertical-align:top;font-weight:400;
white-space:pre}
thead th{color:var(--pale);border-bottom:1px solid var(--rim)}tbody tr{cursor:pointer}
.forks,.answer{padding-left:0;list-style:none;margin:.2rem 0;
overflow-wrap:anywhere}
.v{color:var(--value)}.m{color:var(--message)}.q{color:var(--pale)}i{font-style:normal;color:var(--pale)}
tr.lit{background:var(--glow);outline:2px solid var(--lit);outline-offset:-2px}tr.lit th{font-weight:700}
tr.lit th::before{content:"▸"}.later{visibility:hidden}.gone{display:none}
@media print{@page{size:A4 landscape;margin:8mm}body.bt{padding:0;font-size:8pt}
.walk{display:none}main{grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 6mm}
.rows,figure{overflow:visible;max-height:none}
figure svg{max-width:100%;height:auto;max-height:150mm}
table{font-size:7.5pt}h2{margin:.3rem 0 0}th,td{padding:0 .3rem;white-space:pre-wrap}
tr.lit{background:none;outline:none}tr.lit th::before{content:""}}
""".strip()

#: Walks through the steps. Only what changes between two steps is touched, so a long trace stays smooth.
SCRIPT = """
(() => {
  const all = (q, of = document) => Array.from(of.querySelectorAll(q));
  const slider = document.querySelector('.walk input');
  const status = document.querySelector('.walk [role=status]');
  const last = +slider.max, forward = +status.dataset.forward;
  const changes = Array.from({length: last + 2}, () => []);
  for (const part of all('[data-at]')) {
    changes[+part.dataset.at].push(part);
    if (part.dataset.until) changes[+part.dataset.until].push(part);
  }
  const rows = [];
  for (const row of all('tr[data-step]')) {
    rows[+row.dataset.step] = row;
    row.addEventListener('click', () => go(+row.dataset.step));
  }
  let now = last, lit = [];
  function show(part, at) {
    const from = +part.dataset.at, until = part.dataset.until;
    if (part.tagName === 'B' || part.tagName === 'SPAN') {
      part.classList.toggle('gone', at < from || (until !== undefined && at >= +until));
    } else part.classList.toggle('later', at < from);
  }
  function say(row, forth) {
    const [box, to, upstream, local, adds, total, fork] =
      Array.from(row.cells).slice(1).map(cell => cell.textContent.trim());
    if (forth) return `forward: ${box} = ${to}`;
    const sum = fork ? `, ${total} in all, ${fork}` : '';
    return `backward through ${box} to ${to}: upstream ${upstream}, local ${local}, adds ${adds}${sum}`;
  }
  function into(frame, part) {
    const box = part.getBoundingClientRect(), room = frame.getBoundingClientRect();
    if (box.top < room.top) frame.scrollTop -= room.top - box.top + 40;
    if (box.bottom > room.bottom) frame.scrollTop += box.bottom - room.bottom + 40;
    if (part.tagName === 'TR') return;
    if (box.left < room.left) frame.scrollLeft -= room.left - box.left + 40;
    if (box.right > room.right) frame.scrollLeft += box.right - room.right + 40;
  }
  function go(to) {
    to = Math.max(0, Math.min(last, to));
    for (let step = Math.min(now, to); step <= Math.max(now, to); step++) {
      for (const part of changes[step]) show(part, to);
    }
    now = to;
    slider.value = to;
    for (const part of lit) {
      part.classList.remove('lit');
      part.removeAttribute('aria-current');
    }
    lit = [];
    const row = rows[to];
    let text = `Step ${to} of ${last}`;
    if (row) {
      row.setAttribute('aria-current', 'step');
      lit = [row, ...row.dataset.lit.split(' ').map(id => document.getElementById(id)).filter(Boolean)];
      for (const part of lit) part.classList.add('lit');
      into(row.closest('.rows'), row);
      if (lit.length > 1) into(document.querySelector('figure'), lit[lit.length - 1]);
      text += ', ' + say(row, to <= forward);
    }
    status.textContent = text;
    slider.setAttribute('aria-valuetext', text);
  }
  const moves = {start: () => go(0), back: () => go(now - 1), on: () => go(now + 1), end: () => go(last)};
  const keys = {ArrowLeft: 'back', ArrowRight: 'on', Home: 'start', End: 'end'};
  for (const button of all('[data-go]')) button.addEventListener('click', moves[button.dataset.go]);
  slider.addEventListener('input', () => go(+slider.value));
  document.addEventListener('keydown', event => {
    if (event.target === slider || event.altKey || event.ctrlKey || event.metaKey) return;
    const move = keys[event.key];
    if (move) { event.preventDefault(); moves[move](); }
  });
  for (const part of all('[data-until]')) show(part, last);
  slider.value = last;
  status.textContent = `Step ${last} of ${last}: the whole trace. ← and → walk through it.`;
})();
""".strip()
