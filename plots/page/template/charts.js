// What each kind of figure draws, as Vega-Lite: rows of data, and a specification.

// Outlines of Matplotlib's markers in a box from -1 to 1, so that all figures of the project look alike.
const OUTLINES = {
  o: "M-.9,0A.9,.9 0 1 1 .9,0A.9,.9 0 1 1 -.9,0Z",
  s: "M-.8,-.8H.8V.8H-.8Z",
  "^": "M0,-1L.95,.8H-.95Z",
  v: "M0,1L.95,-.8H-.95Z",
  D: "M0,-1.05L1.05,0L0,1.05L-1.05,0Z",
  d: "M0,-1.1L.65,0L0,1.1L-.65,0Z",
  X: "M-.95,-.55L-.55,-.95L0,-.4L.55,-.95L.95,-.55L.4,0L.95,.55L.55,.95L0,.4L-.55,.95L-.95,.55L-.4,0Z",
  P: "M-.35,-1H.35V-.35H1V.35H.35V1H-.35V.35H-1V-.35H-.35Z",
  "*": "M0,-1.1L.28,-.36L1.05,-.34L.45,.14L.65,.89L0,.46L-.65,.89L-.45,.14L-1.05,-.34L-.28,-.36Z",
  8: "M-.4,-.95H.4L.95,-.4V.4L.4,.95H-.4L-.95,.4V-.4Z",
  "<": "M-1,0L.8,-.95V.95Z",
  ">": "M1,0L-.8,-.95V.95Z",
  p: "M0,-1L.95,-.3L.6,.8H-.6L-.95,-.3Z",
  h: "M0,-1L.87,-.5V.5L0,1L-.87,.5V-.5Z",
};
const INK = "currentColor"; // black on light, white on dark: where Matplotlib's figures have black
const BARS = "; bars: 95 % intervals; small dots: single seeds";
const BANDS = "; bands: 95 % intervals";
const SECOND_SET = /, loose tasks$/; // its lines are dashed
const NAMED = "named at left";
const SPARE = [["#E69F00", "D"], ["#CC79A7", "h"], ["#009E73", "p"], ["#D55E00", "<"], ["#0072B2", ">"]];

/** Colour and outline of each name. */
function looksOf(names, looks) {
  let spare = 0;
  return names.map((name) => {
    if (name === CONSTANT) return { name, colour: "#888888", outline: OUTLINES.o, dashed: true };
    const base = name.replace(SECOND_SET, "");
    const [colour, marker] = name === NAMED ? ["#009E73", "D"] : (looks[base] ?? SPARE[spare++ % SPARE.length]);
    return { name, colour: { "#000000": INK, "#666666": "#888888" }[colour] ?? colour, outline: OUTLINES[marker], dashed: base !== name };
  });
}

function scales(looks) {
  const domain = looks.map((look) => look.name);
  return {
    color: { field: "series", type: "nominal", legend: null, scale: { domain, range: looks.map((l) => l.colour) } },
    shape: { field: "series", type: "nominal", legend: null, scale: { domain, range: looks.map((l) => l.outline) } },
  };
}

const TOOLTIP = [
  { field: "label", type: "nominal", title: "cell" },
  { field: "series", type: "nominal", title: "of" },
  { field: "shown", type: "nominal", title: "value" },
  { field: "interval", type: "nominal", title: "95 % interval" },
  { field: "n", type: "nominal", title: "seeds" },
  { field: "verdict", type: "nominal", title: "verdict" },
  { field: "data", type: "nominal", title: "data" },
];

function row(study, figure, cell, arm, series, found, word) {
  const { mean, low, high, n } = found;
  const place = study.cells.indexOf(cell);
  return {
    cell: place, arm, series, label: figure.labels[place], songs: cell.factors.songs, mean, low, high,
    n: n ?? "–", shown: word(mean), interval: range(low, high, word) || "–",
    verdict: cell.metrics[study.state.metric]?.verdict ?? "–", data: dataOf(study),
  };
}

/** The seeds' own values, as small dots behind the means. */
function seedDots(rows, ofSeeds) {
  return rows.flatMap((r) => (ofSeeds(r) ?? []).map((value) => ({ label: r.label, series: r.series, value })));
}

function labelAxis(narrow) {
  // On narrow screens the parts of a label stand below each other.
  const parts = narrow ? { labelExpr: "split(datum.label, ', ')" } : {};
  return { title: null, labelLimit: narrow ? 150 : 340, labelPadding: 6, ticks: false, domain: false, ...parts };
}

function isDrawn(r) {
  return r.mean !== null;
}

/** Points with intervals: the arms' scores, or the gains over rivals. */
function points(ofGains) {
  return (study, figure, cells, looks, narrow) => {
    const { metric, seed, controls, rival } = study.state;
    const { label, margin } = study.metrics[metric];
    const rows = cells.flatMap((cell) => (ofGains
      ? rivalsOf([cell], metric).filter((name) => rival === ALL || name === rival)
        .map((name) => row(study, figure, cell, name, name, gainOf(study, cell, name), signed))
      : Object.keys(cell.metrics[metric]?.scores ?? {}).filter((arm) => controls || !isControlArm(arm))
        .map((arm) => row(study, figure, cell, arm, arm === ARM ? NAMED : arm, scoreOf(study, cell, arm), number))));
    const seeds = (r) => (ofGains ? study.cells[r.cell].metrics[metric].gains[r.arm].seed_gains
      : study.cells[r.cell].metrics[metric].seed_scores[r.arm]);
    const dots = seed === ALL ? seedDots(rows, seeds) : [];
    const constants = ofGains ? [] : [...new Set(cells.map((cell) => scoreOf(study, cell, CONSTANT).mean))].filter((v) => v !== null);
    const rule = (values, dash) => ({ data: { values: values.map((value) => ({ value })) },
      mark: { type: "rule", color: "#888888", strokeWidth: 1.5, ...dash }, encoding: { x: { field: "value", type: "quantitative" } } });
    const band = { data: { values: ofGains && margin ? [{ from: -margin, to: margin }] : [] }, mark: { type: "rect", color: "#888888", opacity: 0.13 },
      encoding: { x: { field: "from", type: "quantitative" }, x2: { field: "to" } } };
    const value = ofGains ? `gain in ${label}` : `test ${label} of ${targetsOf(cells)}`;
    const of = looksOf([...new Set(rows.map((r) => r.series))], looks);
    const below = ofGains ? [band, rule([0])] : [rule(constants, { strokeDash: [5, 3] })];
    const title = ofGains ? `${value} (above 0: better than the rival)` : value;
    const note = ofGains && margin ? `The grey band is the margin of no material difference, ${number(margin)}.` : "";
    return { rows, spec: intervals(rows.filter(isDrawn), dots, of, title, narrow, below), value, note, constants, over: ofGains, means: BARS,
      looks: ofGains ? of : [...of, ...looksOf([CONSTANT], looks)] };
  };
}

/** Lines over training songs: the arms' scores, or the gains over one rival. */
function curves(ofGains) {
  return (study, figure, cells, looks, narrow) => {
    const { metric, controls, rival } = study.state;
    const { label } = study.metrics[metric];
    const over = rival === ALL ? fairestRival(cells, metric) : rival;
    const rows = new Map(); // the single task and the linear model are the same in many cells
    for (const cell of cells) {
      const arms = ofGains ? [over] : [...Object.keys(cell.metrics[metric]?.scores ?? {}), CONSTANT];
      for (const arm of arms.filter((name) => ofGains || controls || !isControlArm(name))) {
        const series = seriesOf(cells, cell, arm, ofGains);
        const made = ofGains ? row(study, figure, cell, arm, series, gainOf(study, cell, arm), signed)
          : row(study, figure, cell, arm, series, scoreOf(study, cell, arm), number);
        const key = `${series} ${made.songs}`;
        rows.set(key, rows.get(key) ?? made);
      }
    }
    const title = ofGains ? `gain in ${label} over ${over}` : `test ${label} of ${targetsOf(cells)}`;
    return { ...lines([...rows.values()], looks, title, narrow, ofGains), value: title, over: ofGains, means: BANDS };
  };
}

/** What a line is called: its architecture; with the loose task set, where both are drawn, that too. */
function seriesOf(cells, cell, arm, ofGains) {
  const several = new Set(cells.map((one) => one.names.coupling)).size > 1;
  const sets = several && cell.names.coupling !== "tight" ? `, ${cell.names.coupling} tasks` : "";
  if (ofGains || arm === ARM) return cell.architecture + sets;
  const architectures = new Set(cells.map((one) => one.architecture)).size;
  return isControlArm(arm) ? `${architectures > 1 ? `${cell.architecture}, ` : ""}${arm}${sets}` : arm;
}

function targetsOf(cells) {
  return [...new Set(cells.map((cell) => cell.target))].join(", ");
}

const CHARTS = {
  scores: points(false),
  gains: points(true),
  sizes: curves(false),
  gain_sizes: curves(true),

  grid(study, figure, cells, looks, narrow) {
    const { metric, rival } = study.state;
    const over = rival === ALL ? fairestRival(cells, metric) : rival;
    const shown = (cell, factors) => factors.filter((f) => f in cell.names).map((f) => nameOfLevel(f, cell.names[f]));
    const rows = cells.map((cell) => ({
      ...row(study, figure, cell, over, over, gainOf(study, cell, over), signed),
      down: shown(cell, figure.rows).join(", "),
      across: shown(cell, figure.columns).join(", ") || "gain",
    }));
    const drawn = rows.filter(isDrawn);
    const lines = Math.max(1, ...drawn.map((r) => r.across.split(", ").length));
    const most = Math.max(0.001, ...drawn.map((r) => Math.abs(r.mean)));
    const claimed = "indexof(datum.verdict, 'benefit') === 0 || datum.verdict === 'harm'";
    const spec = {
      data: { values: drawn },
      width: "container",
      height: 24 * new Set(drawn.map((r) => r.down)).size,
      encoding: {
        x: { field: "across", type: "nominal", sort: null, scale: { paddingInner: 0.03, paddingOuter: 0.01 }, axis: { orient: "top", title: null, labelAngle: 0, labelLimit: 160,
          labelExpr: "split(datum.label, ', ')", labelPadding: 5 + 13 * (lines - 1), labelFontSize: narrow ? 10 : 12, ticks: false, domain: false } },
        y: { field: "down", type: "nominal", sort: null, scale: { paddingInner: 0.1, paddingOuter: 0.05 }, axis: labelAxis(false) },
        tooltip: TOOLTIP,
      },
      layer: [
        { mark: { type: "rect", cursor: "pointer" },
          encoding: {
            color: { field: "mean", type: "quantitative", legend: null,
              scale: { domain: [-most, 0, most], range: ["#D55E00", "#f4f4f2", "#0072B2"], interpolate: "rgb" } },
            stroke: { condition: { test: claimed, value: INK }, value: "#88888844" },
            strokeWidth: { condition: { test: claimed, value: 2.5 }, value: 0.5 } } },
        { mark: { type: "text", fontSize: 11.5, cursor: "pointer" },
          encoding: {
            text: { field: "shown" },
            color: { condition: { test: `abs(datum.mean) > ${0.62 * most}`, value: "#ffffff" }, value: "#111111" } } },
      ],
    };
    const value = `gain in ${study.metrics[metric].label} over ${over}`;
    const note = "Blue: better, orange: worse than the rival. Framed: a benefit or harm.";
    return { rows, spec, looks: [], value, note, over: true };
  },
};

function isControlArm(arm) {
  return arm === "auxiliary weights 0" || arm === "permuted auxiliaries";
}

function nameOfLevel(factor, name) {
  if (factor === "songs") return `${name} songs`;
  if (factor === "auxiliary songs") return `${name} auxiliary songs`;
  if (factor === "coupling") return `${name} tasks`;
  return factor === "widths" ? `${name} widths` : name;
}

/** Points with intervals, a band of the y axis a label, series beside each other within it. */
function intervals(rows, dots, looks, title, narrow, below) {
  const series = looks.map((look) => look.name);
  const parts = narrow ? Math.max(1, ...rows.map((r) => r.label.split(", ").length)) : 1;
  const step = Math.max(13 * series.length + 12, 15 * parts + 8);
  const x = { type: "quantitative", scale: { zero: false, nice: true }, axis: { title, tickCount: narrow ? 4 : 7, labelSeparation: 6 } };
  const y = { field: "label", type: "nominal", sort: null, axis: labelAxis(narrow), scale: { paddingInner: 0.25, paddingOuter: 0.1 } };
  const yOffset = { field: "series", type: "nominal", sort: series, scale: { domain: series } };
  const { color, shape } = scales(looks);
  return {
    width: "container",
    // A number, not `step`, which Vega-Lite warns cannot be fitted.
    height: step * new Set(rows.map((r) => r.label)).size,
    layer: [
      ...below.map((layer) => ({ ...layer, encoding: { ...layer.encoding, x: { ...layer.encoding.x, ...x } } })),
      { data: { values: dots }, mark: { type: "circle", size: 10, opacity: 0.4, aria: false },
        encoding: { x: { field: "value", ...x }, y, yOffset, color } },
      { data: { values: rows.filter((r) => r.low !== null) }, mark: { type: "rule", strokeWidth: 2, aria: false },
        encoding: { x: { field: "low", ...x }, x2: { field: "high" }, y, yOffset, color } },
      { data: { values: rows }, mark: { type: "point", filled: true, size: 75, opacity: 1, cursor: "pointer" },
        encoding: { x: { field: "mean", ...x }, y, yOffset, color, shape, tooltip: TOOLTIP } },
    ],
  };
}

/** Lines over training sizes, with intervals as bands. */
function lines(rows, looks, title, narrow, zero = false) {
  const of = looksOf([...new Set(rows.map((r) => r.series))], looks);
  const drawn = rows.filter(isDrawn);
  const sizes = [...new Set(rows.map((r) => r.songs))].sort((a, b) => a - b);
  const x = { field: "songs", type: "quantitative", scale: { type: "log", nice: false },
    axis: { title: "training songs with the target's label", values: sizes, format: ",d", labelOverlap: "greedy", labelSeparation: 8, grid: false } };
  const y = { type: "quantitative", scale: { zero: false }, axis: { title: narrow ? null : title, tickCount: 6 } };
  const { color, shape } = scales(of);
  const dashed = of.filter((look) => look.dashed).map((look) => look.name);
  const dash = { condition: { test: { field: "series", oneOf: dashed }, value: [5, 3] }, value: [1, 0] };
  const spec = {
    width: "container",
    height: 300,
    ...(narrow ? { title: { text: title, anchor: "start", fontSize: 12, fontWeight: "normal", color: INK } } : {}),
    layer: [
      ...(zero ? [{ data: { values: [{ value: 0 }] }, mark: { type: "rule", color: "#888888" },
        encoding: { y: { field: "value", ...y } } }] : []),
      { data: { values: drawn.filter((r) => r.low !== null) }, mark: { type: "area", opacity: 0.13, aria: false },
        encoding: { x, y: { field: "low", ...y }, y2: { field: "high" }, color } },
      { data: { values: drawn }, mark: { type: "line", strokeWidth: 2, aria: false },
        encoding: { x, y: { field: "mean", ...y }, color, strokeDash: dash } },
      { data: { values: drawn.filter((r) => r.series !== CONSTANT) },
        mark: { type: "point", filled: true, size: 60, opacity: 1, cursor: "pointer" },
        encoding: { x, y: { field: "mean", ...y }, color, shape, tooltip: TOOLTIP } },
    ],
  };
  return { rows, spec, looks: of };
}

/** Vega measures text before it is drawn, so that it has to know the page's font by name. */
function chartConfig() {
  return { ...CONFIG, font: getComputedStyle(document.body).fontFamily };
}

const CONFIG = {
  background: null,
  view: { stroke: null },
  axis: { labelColor: INK, titleColor: INK, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal",
    gridColor: "#88888840", domainColor: "#888888", tickColor: "#888888", labelLineHeight: 13 },
  legend: { labelColor: INK, titleColor: INK, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
};

/** Draws a chart; its view stands at its place, to be given back to memory. */
async function draw(place, spec, description, click) {
  place.view?.finalize();
  // Vega-Lite warns of layers without data.
  const layer = spec.layer.filter(({ data }) => !data || data.values.length);
  const whole = { ...spec, layer, description, config: chartConfig() };
  const { view } = await vegaEmbed(place, whole, { actions: false, renderer: "svg" });
  place.view = view;
  if (click) {
    view.addEventListener("click", (event, item) => {
      if (item?.datum?.cell !== undefined) click(item.datum);
    });
  }
}
