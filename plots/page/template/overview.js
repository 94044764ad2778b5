// All studies at once: each cell's gain over its first rival with its interval, coloured by verdict.

const STEP = 8; // pixels of a cell
const HEAD = 24; // pixels of a study's name

/** A row per cell, in bands of studies that are scored alike. */
function overviewRows(studies, edge) {
  const rows = [];
  const heads = [];
  let place = 0;
  for (const study of studies) {
    const earlier = study.cells.every((cell) => cell.earlier) ? `, the same cells as in ${study.cells[0].earlier}` : "";
    heads.push({ place: place + HEAD / 2, name: study.name + earlier });
    place += HEAD;
    for (const cell of study.cells) {
      const rival = rivalsOf([cell], study.metric)[0];
      const scored = cell.metrics[study.metric];
      const [mean, low, high] = scored?.gains[rival]?.gain ?? [null, null, null];
      if (mean === null || cell.earlier) continue; // drawn with the study that has it too
      place += Math.abs(mean) > edge ? 12 : STEP; // room for the number
      rows.push({ study: study.number, cell: study.cells.indexOf(cell), place, mean, low, high, series: scored.verdict, name: study.name,
        label: cell.title, rival, shown: signed(mean), interval: range(low, high, signed) || "–", why: scored.reason.text });
    }
  }
  return { rows, heads, height: place + STEP };
}

/** Half the axis: it holds most intervals; what lies beyond is told at the edge by its number. */
function overviewEdge(studies, margin) {
  const gains = studies.flatMap((study) => study.cells.map((cell) => Object.values(cell.metrics[study.metric].gains)[0]?.gain ?? []));
  const ends = gains.flat().filter((value) => value !== null).map(Math.abs).sort((a, b) => a - b);
  return Math.max(1.1 * (ends[Math.floor(0.95 * (ends.length - 1))] ?? 0), 2 * (margin ?? 0), 1e-3);
}

function overviewSpec(studies, looks) {
  const { metrics, metric } = studies[0];
  const { margin, label } = metrics[metric];
  const edge = overviewEdge(studies, margin);
  const { rows, heads, height } = overviewRows(studies, edge);
  const inside = rows.filter((r) => Math.abs(r.mean) <= edge);
  const beyond = rows.filter((r) => Math.abs(r.mean) > edge)
    .map((r) => ({ ...r, at: Math.sign(r.mean) * edge, text: r.mean > 0 ? `${r.shown} ►` : `◄ ${r.shown}` }));
  const cut = (value) => Math.max(-edge, Math.min(edge, value));
  const x = { type: "quantitative", scale: { domain: [-edge, edge], nice: false },
    axis: { title: `gain in ${label} over the first rival (above 0: better)`, tickCount: 5 } };
  const y = { field: "place", type: "quantitative", scale: { domain: [0, height], reverse: true, nice: false, zero: false }, axis: null };
  const { color, shape } = scales(looks);
  const tooltip = [["name", "study"], ["label", "cell"], ["rival", "gain over"], ["shown", "gain"], ["interval", "95 % interval"], ["series", "verdict"],
    ["why", "for"]].map(([field, title]) => ({ field, title, type: "nominal" }));
  const spec = {
    width: "container",
    height,
    layer: [
      { data: { values: margin ? [{ from: -margin, to: margin }] : [] }, mark: { type: "rect", color: "#888888", opacity: 0.13 },
        encoding: { x: { field: "from", ...x }, x2: { field: "to" } } },
      { data: { values: [{ value: 0 }] }, mark: { type: "rule", color: "#888888" }, encoding: { x: { field: "value", ...x } } },
      { data: { values: heads }, mark: { type: "text", align: "left", fontWeight: 600, fontSize: 12, color: INK },
        encoding: { x: { value: 2 }, y, text: { field: "name" } } },
      { data: { values: rows.filter((r) => r.low !== null).map((r) => ({ ...r, low: cut(r.low), high: cut(r.high) })) },
        mark: { type: "rule", strokeWidth: 1.5, aria: false }, encoding: { x: { field: "low", ...x }, x2: { field: "high" }, y, color } },
      { data: { values: inside }, mark: { type: "point", filled: true, size: 40, opacity: 1, cursor: "pointer" },
        encoding: { x: { field: "mean", ...x }, y, color, shape, tooltip } },
      ...[1, -1].map((side) => ({ data: { values: beyond.filter((r) => side * r.mean > 0) },
        mark: { type: "text", align: side > 0 ? "right" : "left", fontSize: 10, color: INK, cursor: "pointer" },
        encoding: { x: { field: "at", ...x }, y, text: { field: "text" }, tooltip } })),
    ],
  };
  return { spec, rows };
}

/** A picture for each metric that decides: gains in different units have no common axis. */
async function showOverview(studies) {
  const place = document.getElementById("overview");
  if (!place) return;
  const decided = studies.filter((study) => study.cells.length);
  const groups = Map.groupBy(decided, (study) => study.metrics[study.metric].label);
  place.querySelectorAll(".chart").forEach((one) => one.view?.finalize());
  const drawn = [...groups].map(([metric, of]) => {
    const found = [...new Set(of.flatMap((study) => study.cells.map((cell) => cell.metrics[study.metric].verdict)))];
    const looks = looksOf(Object.keys(records.verdicts).filter((name) => found.includes(name)), records.verdicts);
    const { spec, rows } = overviewSpec(of, looks);
    const chart = element("div", { class: "chart" });
    const { margin } = of[0].metrics[of[0].metric];
    const notes = ["Every cell of every study: its gain over its first rival; its verdict is that over the rivals of its level. Bars: 95 % intervals. A cell that several studies have stands with the first."];
    if (margin) notes.push(`The grey band is the margin of no material difference, ${number(margin)}.`);
    const alt = `Gain in ${metric} of ${rows.length} cells of ${of.length} studies: ` +
      found.map((name) => `${name} ${rows.filter((r) => r.series === name).length}`).join(", ") + ". The values stand in the studies' tables.";
    const figure = element("figure", { role: "group", "aria-label": alt }, legend(looks), chart,
      element("figcaption", {}, `${notes.join(" ")} Data: ${[...new Set(of.map(dataOf))].join("; ")}.`));
    return [figure, () => draw(chart, spec, alt, (row) => openDetail(studies[row.study], studies[row.study].cells[row.cell]))];
  });
  place.replaceChildren(...drawn.map(([figure]) => figure));
  await Promise.all(drawn.map(([, show]) => show()));
}
