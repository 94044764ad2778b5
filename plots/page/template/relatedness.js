// Task relatedness: every label by its rank, and those at both ends, or those looked for.

const MEASURES = { pearson: "Pearson correlation", spearman: "Spearman correlation", mutual_information: "mutual information (nats)" };
const NET_MEASURES = { gradient_cosine: "gradient cosine", affinity: "TAG affinity", transfer_gain: "transfer gain",
  gain_over_weights_0: "the same over weights 0" };
const SET_LOOKS = { "proposal, tight": ["#0072B2", "o"], "proposal, loose": ["#56B4E9", "s"], "2016 paper, tight": ["#D55E00", "^"],
  "2016 paper, loose": ["#E69F00", "v"], "no task set": ["#888888", "D"] };
const ENDS = [12, 6]; // labels shown from the top and from the bottom of the ranking
const MOST_FOUND = 25;

function relatednessRow(label, measure) {
  const [mean, low, high] = label[measure] ?? [null, null, null];
  const word = measure === "mutual_information" ? number : signed;
  return { label: label.name, place: label.place, mean, low, high, series: label.sets[0] ?? "no task set", sets: label.sets.join("; ") || "–",
    shown: word(mean), interval: range(low, high, word) || "–", songs: whole(label.songs), carrying: whole(label.positives ?? null) };
}

const RELATED_TOOLTIP = [
  { field: "label", type: "nominal", title: "label" }, { field: "place", type: "nominal", title: "rank by |Pearson|" },
  { field: "shown", type: "nominal", title: "value" }, { field: "interval", type: "nominal", title: "95 % interval" },
  { field: "songs", type: "nominal", title: "songs" }, { field: "carrying", type: "nominal", title: "with it" },
  { field: "sets", type: "nominal", title: "task sets" },
];

function rankingSpec(rows, looks, title) {
  const { color, shape } = scales(looks);
  return {
    data: { values: rows },
    width: "container",
    height: 260,
    layer: [{
      mark: { type: "point", filled: true },
      encoding: {
        x: { field: "place", type: "quantitative", scale: { nice: false }, axis: { title: "rank by |Pearson|", grid: false } },
        y: { field: "mean", type: "quantitative", axis: { title } },
        color, shape, tooltip: RELATED_TOOLTIP,
        size: { condition: { test: "datum.series === 'no task set'", value: 14 }, value: 90 },
        opacity: { condition: { test: "datum.series === 'no task set'", value: 0.6 }, value: 1 } },
    }],
  };
}

/** The section's figures and table anew. */
async function showRelatedness(section, numbers) {
  const { measure, search } = numbers.state;
  const title = MEASURES[measure];
  const all = numbers.labels.map((label) => relatednessRow(label, measure)).filter(isDrawn);
  const found = all.filter((r) => r.label.toLowerCase().includes(search.toLowerCase()));
  const shown = search ? found.slice(0, MOST_FOUND)
    : all.filter((r) => r.place <= ENDS[0] || r.place > all.length - ENDS[1] || r.sets !== "–");
  const names = Object.keys(SET_LOOKS).filter((name) => all.some((r) => r.series === name));
  const looks = looksOf(names, SET_LOOKS);
  const source = `Data: ${numbers.data}; ${numbers.training_songs.toLocaleString("en")} training songs with the target; 95 % intervals over artists.`;
  const charts = [
    ["All labels by their rank", rankingSpec(all.toSorted((a, b) => (a.sets === "–" ? 0 : 1) - (b.sets === "–" ? 0 : 1)), looks, title), all],
    [search ? `Labels with “${search}”` : "Both ends of the ranking, and the task sets", shown.length ? relatedIntervals(shown, looks, title) : null, shown],
  ];
  const figures = charts.map(([name, spec, rows]) => {
    const chart = element("div", { class: "chart" });
    const figure = element("figure", { role: "group", "aria-label": name }, element("h3", {}, name), legend(looks), chart,
      element("figcaption", {}, source));
    const best = rows.reduce((one, r) => (one && one.mean >= r.mean ? one : r), null);
    const alt = `${name}. ${title} with ${numbers.target}: ${rows.length} labels${best ? `, the highest ${best.shown}, ${best.label}` : ""}. The values stand in the table below.`;
    return [figure, spec ? () => draw(chart, spec, alt) : () => chart.append("No label has this in its name.")];
  });
  section.querySelectorAll(".chart").forEach((one) => one.view?.finalize());
  section.querySelector(".figures").replaceChildren(...figures.map(([figure]) => figure));
  const heads = ["label", "rank", title, "95 % interval", "songs", "with it", "task sets"];
  section.querySelector(".cells").replaceChildren(element("div", { class: "scroll" },
    table(`Relatedness with ${numbers.target}`, heads, shown.map((r) => [r.label, String(r.place), r.shown, r.interval, r.songs, r.carrying, r.sets]))));
  await Promise.all(figures.map(([, drawIt]) => drawIt()));
}

function relatedIntervals(rows, looks, title) {
  const zero = { data: { values: [{ value: 0 }] }, mark: { type: "rule", color: "#888888", strokeWidth: 1.5 },
    encoding: { x: { field: "value", type: "quantitative" } } };
  const spec = intervals(rows, [], looks, title, narrowScreen.matches, [zero]);
  // One point per label: they need no places beside each other.
  spec.layer.forEach((layer) => delete layer.encoding.yOffset);
  spec.layer.at(-1).encoding.tooltip = RELATED_TOOLTIP;
  return { ...spec, height: 20 * rows.length };
}

function netsTable(numbers) {
  const heads = ["label", ...Object.values(NET_MEASURES)];
  const rows = numbers.labels.filter((row) => "gradient_cosine" in row).map((row) => [row.name, ...Object.keys(NET_MEASURES).map((measure) => {
    const [mean, low, high] = row[measure] ?? [null, null, null];
    return valueWithRange({ mean, low, high }, signed);
  })]);
  return table("Relatedness measured with networks", heads, rows);
}

function setUpRelatedness(section, numbers) {
  numbers.state = { measure: "pearson", search: "" };
  const show = () => showRelatedness(section, numbers);
  const search = element("input", { type: "search", placeholder: "such as rock", oninput: () => { numbers.state.search = search.value.trim(); show(); } });
  const form = section.querySelector("form.filters");
  form.append(
    choice("measure", Object.entries(MEASURES), "pearson", (value) => { numbers.state.measure = value; show(); }),
    element("label", {}, "find labels", search));
  form.onsubmit = (event) => event.preventDefault();
  if (numbers.nets.seeds) {
    section.querySelector(".nets").append(element("h3", {}, "Measured with networks"), element("div", { class: "scroll" }, netsTable(numbers)));
  }
  return show;
}
