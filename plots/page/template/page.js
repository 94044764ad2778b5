// The page itself: filters, figures, tables, theme.

let records;
const narrowScreen = matchMedia("(max-width: 640px)");
const FILTERED = ["architecture", "pattern", "coupling", "auxiliary", "songs", "auxiliary songs", "widths", "stopped by", "control",
  "correlation", "shared themes"];

function freshState(study) {
  const factors = FILTERED.filter((factor) => valuesOf(study, factor).length > 1);
  const controls = !study.figures.some((figure) => figure.kind === "sizes"); // too many lines at first
  return { metric: study.metric, seed: ALL, rival: ALL, controls, filters: Object.fromEntries(factors.map((f) => [f, ALL])) };
}

/** The filters of a study: only what there is to choose. */
function buildFilters(section, study) {
  const form = section.querySelector("form.filters");
  const { state } = study;
  const set = (change) => (value) => { change(value); showStudy(section, study); };
  const metrics = Object.entries(study.metrics).map(([name, metric]) => [name, metric.label + (name === study.metric ? " (of the verdicts)" : "")]);
  form.replaceChildren(choice("metric", metrics, state.metric, set((value) => (state.metric = value))));
  for (const factor of Object.keys(state.filters)) {
    const options = [[ALL, "all"], ...valuesOf(study, factor).map((name) => [name, name])];
    form.append(choice(records.factors[factor] ?? factor, options, state.filters[factor], set((value) => (state.filters[factor] = value))));
  }
  const rivals = rivalsOf(study.cells, study.metric);
  if (rivals.length > 1) {
    const options = [[ALL, "every rival"], ...rivals.map((name) => [name, name])];
    form.append(choice("gains over", options, state.rival, set((value) => (state.rival = value))));
  }
  if (study.seeds > 1) {
    const seeds = Array.from({ length: study.seeds }, (_, place) => [String(place), seedName(study, study.cells[0], place)]);
    form.append(choice("seed", [[ALL, `mean of ${study.seeds}`], ...seeds], state.seed, set((value) => (state.seed = value))));
  }
  if (rivals.some(isControlArm)) {
    const box = element("input", { type: "checkbox", checked: state.controls, onchange: () => set((on) => (state.controls = on))(box.checked) });
    form.append(element("label", { class: "check" }, box, "control arms' scores"));
  }
  form.append(element("button", { type: "button", onclick: () => {
    study.state = freshState(study);
    buildFilters(section, study);
    showStudy(section, study);
  } }, "Reset"));
  form.onsubmit = (event) => event.preventDefault();
}

function legend(looks) {
  return element("ul", { class: "legend" }, ...looks.map((look) => {
    const item = element("li", {}, look.name);
    const mark = look.dashed
      ? `<line x1="-1.3" x2="1.3" y1="0" y2="0" stroke="${look.colour}" stroke-width=".45" stroke-dasharray=".8 .5"/>`
      : `<path d="${look.outline}" fill="${look.colour}"/>`;
    item.insertAdjacentHTML("afterbegin", `<svg viewBox="-1.2 -1.2 2.4 2.4" aria-hidden="true">${mark}</svg>`);
    return item;
  }));
}

/** What a figure shows, for those who do not see it. */
function description(title, drawn) {
  const values = drawn.rows.filter(isDrawn);
  if (!values.length) return `${title}: nothing to show.`;
  const least = Math.min(...values.map((r) => r.mean));
  const best = values.reduce((one, other) => (other.mean > one.mean ? other : one));
  const word = drawn.over ? signed : number;
  const constants = drawn.constants?.length ? ` Constant predictor: ${drawn.constants.map(number).join(", ")}.` : "";
  return `${title}. ${drawn.value}: ${values.length} values from ${word(least)} to ${word(best.mean)}` +
    ` (${best.label}, ${best.series}).${constants} The values stand in the table below the figure.`;
}

async function showFigure(place, study, figure) {
  const cells = chosenCells(study, Object.keys(figure.labels).map((number) => study.cells[number]));
  place.hidden = cells.length === 0;
  if (place.hidden) return;
  const drawn = CHARTS[figure.kind](study, figure, cells, records.looks, narrowScreen.matches);
  const open = place.querySelector("details")?.open ?? false;
  const before = place.querySelector(".chart");
  // A new place each time, so that a drawing that is overtaken by the next one is not seen.
  const chart = element("div", { class: "chart", style: before ? `min-height: ${before.clientHeight}px` : null });
  const alt = description(figure.title, drawn);
  const show = ({ cell, arm }) => openDetail(study, study.cells[cell], arm);
  const seeds = study.state.seed === ALL ? `mean of ${study.seeds}` : seedName(study, study.cells[0], Number(study.state.seed));
  const bars = study.state.seed === ALL && study.seeds > 1 ? drawn.means ?? "" : "";
  const shared = figure.shared ? `${figure.shared[0].toUpperCase()}${figure.shared.slice(1)}. ` : "";
  const caption = `${shared}Data: ${dataOf(study)}. ${seeds[0].toUpperCase()}${seeds.slice(1)}${bars}. ${drawn.note ?? ""}`;
  const values = table(figure.title, ["cell", drawn.over ? "gain over" : "score of", drawn.value, "95 % interval", "seeds"],
    drawn.rows.map((r) => [
      element("button", { type: "button", class: "link", onclick: () => show(r) }, r.label),
      r.series, r.shown, r.interval, String(r.n)]));
  place.replaceChildren(
    element("h3", {}, figure.title), legend(drawn.looks), chart, element("figcaption", {}, caption),
    element("details", { open }, element("summary", {}, "Values as a table"), element("div", { class: "scroll" }, values)));
  place.setAttribute("aria-label", alt);
  before?.view?.finalize();
  if (!drawn.rows.some(isDrawn)) {
    chart.replaceWith(element("p", {}, "The records have no such values."));
    return;
  }
  await draw(chart, drawn.spec, alt, show);
  chart.style.minHeight = "";
}

function cellsTable(study) {
  const { metric } = study.state;
  const cells = chosenCells(study, study.cells);
  const label = study.metrics[metric].label;
  const rivals = rivalsOf(cells, metric).filter((name) => study.state.rival === ALL || name === study.state.rival);
  const heads = ["cell", "verdict", "p (Holm)", `test ${label}`, "constant", LINEAR, ...rivals.map((name) => `gain over ${name}`),
    "parameters, time a run", "seeds"];
  const rows = cells.map((cell) => {
    const scored = cell.metrics[metric];
    const verdict = scored?.verdict ?? "–";
    const passes = cell.passes === null || metric !== study.metric ? null
      : element("span", { class: `mark ${cell.passes ? "pass" : "fail"}` }, cell.passes ? " PASS" : " FAIL");
    const found = scoreOf(study, cell, ARM);
    return [
      element("button", { type: "button", class: "link", onclick: () => openDetail(study, cell) }, cell.label),
      element("span", {}, element("span", { class: `mark ${verdict.split(" ")[0]}` }, verdict), passes,
        scored ? element("span", { class: "doubt" }, ` ${scored.reason.text}`) : null),
      probability(scored?.p_holm),
      valueWithRange(found),
      number(scoreOf(study, cell, CONSTANT).mean),
      valueWithRange(scoreOf(study, cell, LINEAR)),
      ...rivals.map((name) => valueWithRange(gainOf(study, cell, name), signed)),
      element("span", { class: "value" }, whole(meanOfRuns(study, cell, ARM, "parameters")),
        element("span", { class: "range" }, ` ${seconds(meanOfRuns(study, cell, ARM, "seconds"))}`)),
      String(found.n),
    ];
  });
  return table(`All cells of ${study.name}`, heads, rows);
}

/** Gains set against gains, a table a question. */
function contrastTables(study) {
  const { metric } = study.state;
  const told = study.contrasts.filter((contrast) => contrast.metrics[metric]);
  return [...new Set(told.map((contrast) => contrast.asks))].flatMap((asks) => {
    const of = told.filter((contrast) => contrast.asks === asks);
    const steps = of[0].measure === "steps";
    const word = steps ? whole : signed;
    const rows = of.map((contrast) => {
      const found = contrast.metrics[metric];
      const [mean, low, high] = found.difference;
      return [contrast.name, valueWithRange({ mean, low, high }, word), probability(found.p_holm), found.verdict];
    });
    const value = steps ? "steps saved" : `difference in ${study.metrics[metric].label}`;
    return [element("h3", {}, asks), element("div", { class: "scroll" }, table(asks, ["contrast", value, "p (Holm)", "verdict"], rows))];
  });
}

function whoseVerdicts(study) {
  const { label } = study.metrics[study.metric];
  const text = study.state.metric === study.metric
    ? `Verdicts by ${label}, the metric fixed beforehand; of all seeds.`
    : `Verdicts by ${study.metrics[study.state.metric].label} are for looking only: the metric fixed beforehand is ${label}.`;
  return element("p", { class: "source" }, text);
}

let drawing = 0; // how many studies are being drawn

async function showStudy(section, study) {
  drawing += 1;
  document.body.dataset.ready = "no";
  const places = section.querySelector(".figures");
  while (places.children.length < study.figures.length) places.append(element("figure", { role: "group" }));
  section.querySelector(".cells").replaceChildren(whoseVerdicts(study), element("div", { class: "scroll" }, cellsTable(study)), ...contrastTables(study));
  await Promise.all(study.figures.map((figure, number) => showFigure(places.children[number], study, figure)));
  drawing -= 1;
  if (drawing === 0) document.body.dataset.ready = "yes";
}

const THEMES = { "": "as the system", light: "light", dark: "dark" };

function setUpTheme() {
  const button = document.getElementById("theme");
  const names = Object.keys(THEMES);
  const apply = (name) => {
    if (name) document.documentElement.dataset.theme = name;
    else delete document.documentElement.dataset.theme;
    button.textContent = `Theme: ${THEMES[name]}`;
  };
  button.addEventListener("click", () => {
    const next = names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length];
    remember("theme", next);
    apply(next);
  });
  apply(remembered("theme") ?? "");
}

// Browsers may refuse storage to pages from disk; the page then forgets, and works.
function remember(name, value) {
  try { sessionStorage.setItem(name, value); } catch { /* forgotten */ }
}

function remembered(name) {
  try { return sessionStorage.getItem(name); } catch { return null; }
}

/** While studies run: the page comes anew from disk, with its filters as they were. */
function setUpRefresh() {
  const after = Number(document.body.dataset.refresh);
  if (!after) return;
  setInterval(() => {
    if (document.getElementById("detail").open) return; // somebody is reading
    remember("states", JSON.stringify(records.studies.map((study) => [study.study, study.data, study.state])));
    location.reload();
  }, after * 1000);
}

function restoreStates() {
  for (const [name, data, state] of JSON.parse(remembered("states") ?? "[]")) {
    const study = records.studies.find((one) => one.study === name && String(one.data) === String(data));
    if (!study || !(state.metric in study.metrics)) continue;
    for (const [factor, value] of Object.entries(state.filters)) {
      if (!valuesOf(study, factor).includes(value)) state.filters[factor] = ALL;
    }
    study.state = { ...study.state, ...state, filters: { ...study.state.filters, ...state.filters } };
  }
}

async function start() {
  setUpTheme();
  document.getElementById("print").addEventListener("click", () => print());
  records = await unpackRecords();
  records.studies.forEach((study, number) => Object.assign(study, { number, state: freshState(study) }));
  if (Number(document.body.dataset.refresh)) restoreStates();
  for (const button of document.querySelectorAll("button[data-cell]")) {
    const study = records.studies[Number(button.dataset.study)];
    button.addEventListener("click", () => openDetail(study, study.cells[Number(button.dataset.cell)]));
  }
  const sections = [...document.querySelectorAll("section.study")];
  const showAll = async () => {
    const shown = sections.map((section) => [section, records.studies[Number(section.dataset.study)]]);
    await showOverview(records.studies);
    await Promise.all(shown.filter(([, study]) => study.cells.length).map((pair) => showStudy(...pair)));
    for (const show of related) await show();
    document.body.dataset.ready = "yes";
  };
  for (const section of sections) {
    const study = records.studies[Number(section.dataset.study)];
    if (study.cells.length) buildFilters(section, study);
  }
  const related = records.relatedness.map((numbers, place) => setUpRelatedness(document.getElementById(`relatedness-${place}`), numbers));
  const tables = document.querySelectorAll("details.all");
  if (narrowScreen.matches) tables.forEach((one) => (one.open = false)); // a screen or more for each cell
  addEventListener("beforeprint", () => document.querySelectorAll("details.all, details.made").forEach((one) => (one.open = true)));
  narrowScreen.addEventListener("change", showAll);
  await showAll();
  setUpRefresh();
}

start();
