// The dialog behind a number: its arms, runs, commands, configs and learning curves.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function choice(label, options, chosen, change) {
  const select = element("select", { onchange: () => change(select.value) });
  for (const [value, text] of options) select.append(element("option", { value, selected: value === chosen }, text));
  return element("label", {}, label, select);
}

/** A table; `heads` are [text], `rows` lists of cells, the first of which names the row. */
function table(caption, heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((cells) =>
    element("tr", {}, ...cells.map((content, place) => {
      const attributes = { "data-head": heads[place], ...(place === 0 ? { scope: "row" } : {}) };
      return element(place === 0 ? "th" : "td", attributes, content ?? "–");
    })));
  return element("table", { class: "stack" }, element("caption", { class: "unseen" }, caption),
    element("thead", {}, head), element("tbody", {}, ...body));
}

function valueWithRange(found, word = number) {
  const shown = range(found.low, found.high, word);
  return element("span", { class: "value" }, word(found.mean), shown ? element("span", { class: "range" }, ` ${shown}`) : null);
}

function whole(value) {
  return value === null ? "–" : Math.round(value).toLocaleString("en");
}

function seconds(value) {
  if (value === null) return "–";
  return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value).toLocaleString("en")} s`;
}

function copyButton(text) {
  const button = element("button", { type: "button", onclick: async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } }, "Copy");
  return button;
}

/** Opens the dialog on a cell, at one of its arms. */
function openDetail(study, cell, arm = ARM) {
  const dialog = document.getElementById("detail");
  const chosen = { arm: arm in cell.arms ? arm : ARM, seed: study.state.seed };
  const part = element("div");
  const refresh = () => showRuns(part, study, cell, chosen);
  const seeds = cell.arms[ARM].runs.map((name, place) => [String(place), seedName(study, cell, place)]);
  const scored = cell.metrics[study.state.metric];
  const facts = [`By ${study.metrics[study.state.metric].label}: ${scored?.verdict ?? "no verdict"}`];
  if (scored) facts.push(scored.reason.text);
  if (cell.earlier) facts.push(`the same cell as in the study ${cell.earlier}`);
  for (const [level, of] of Object.entries(scored?.levels ?? {}).slice(1)) facts.push(`${level}: ${of.verdict} (${of.reason.text})`);
  if (scored?.p_holm != null) facts.push(`p ${probability(scored.p_holm)} after Holm's correction`);
  const near = Object.entries(cell.near_constant ?? {}).map(([name, runs]) => `${runs.length} of ${armName(cell, name)}`);
  if (near.length && study.state.metric === study.metric) facts.push(`near the constant predictor: ${near.join(", ")}`);
  if (cell.passes !== null && study.state.metric === study.metric) facts.push(`control ${cell.passes ? "PASS" : "FAIL"} (expected ${cell.expected.join(" or ")})`);
  if (scored?.loses_to_linear) facts.push("below the linear model");
  if (cell.delta_m?.[0] != null) facts.push(`Δm over the task set ${signed(cell.delta_m[0])} ${range(cell.delta_m[1], cell.delta_m[2], signed)}`);
  const arms = [...Object.keys(cell.arms), CONSTANT];
  dialog.replaceChildren(
    element("button", { type: "button", class: "close", onclick: () => dialog.close() }, "Close"),
    element("h2", { id: "detail-title" }, cell.title),
    element("p", { class: "source" }, `Study ${study.name}, target ${cell.target}. Data: ${dataOf(study)}.`),
    element("p", { class: "verdict" }, `${facts.join("; ")}.`),
    table("Arms of this cell", ["arm", `test ${study.metrics[study.state.metric].label}`, "gain over it", "better by chance of", "parameters", "time a run", "steps"],
      arms.map((name) => [
        name === ARM ? `${cell.architecture} (in question)` : name,
        valueWithRange(scoreOf(study, cell, name)),
        scored?.gains[name] ? valueWithRange(gainOf(study, cell, name), signed) : "–",
        percent(scored?.gains[name]?.probability_of_improvement),
        whole(meanOfRuns(study, cell, name, "parameters")),
        seconds(meanOfRuns(study, cell, name, "seconds")),
        whole(meanOfRuns(study, cell, name, "steps")),
      ])),
    element("div", { class: "filters" },
      choice("runs of", Object.keys(cell.arms).map((name) => [name, armName(cell, name)]), chosen.arm,
        (value) => { chosen.arm = value; refresh(); }),
      choice("seed", [[ALL, "all seeds"], ...seeds], chosen.seed, (value) => { chosen.seed = value; refresh(); })),
    part,
  );
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  return refresh();
}

function seedName(study, cell, place) {
  const run = study.runs[cell.arms[ARM].runs[place]];
  return `seed ${run?.config?.seed ?? place}`;
}

/** Learning curves, commands and configs of an arm's runs. */
function showRuns(part, study, cell, chosen) {
  const names = cell.arms[chosen.arm].runs.filter((_, place) => chosen.seed === ALL || String(place) === chosen.seed);
  const runs = names.filter((name) => study.runs[name]).map((name) => ({ name, run: study.runs[name] }));
  for (const entry of runs) entry.seed = String(entry.run.config.seed ?? "–");
  const curved = runs.filter(({ run }) => run.history);
  part.replaceChildren(element("h3", {}, `Runs of ${armName(cell, chosen.arm)}`));
  let drawn = Promise.resolve();
  if (curved.length) {
    const metric = curved[0].run.history.metric;
    const label = `validation ${study.metrics[metric]?.label ?? metric} of ${cell.target}`;
    const chart = element("div", { class: "chart" });
    part.append(chart, element("p", { class: "source" },
      `Dots: the best checkpoints, which are tested. Dashed: the constant predictor. Data: ${curved[0].run.data}.`));
    drawn = draw(chart, learningCurves(curved, label), `Learning curves: ${label}, ${curved.length} runs.`);
  } else if (runs.length) {
    part.append(element("p", {}, "No learning curves: a linear model, or records that were cut short."));
  } else {
    part.append(element("p", {}, "The records hold no run of this arm."));
  }
  runs.forEach(({ name, seed, run }, place) => {
    const command = run.command ?? study.command;
    const facts = [`${whole(run.parameters)} parameters`, seconds(run.seconds), `${whole(run.steps)} steps`];
    if (run.training_songs != null) facts.push(`${whole(run.training_songs)} training songs`);
    part.append(element("details", { class: "run", open: place === 0 },
      element("summary", {}, `${name} (seed ${seed}): ${facts.join(", ")}`),
      element("p", {}, run.command ? "The command that makes this run: " : "The study's command makes this run: ", copyButton(command)),
      element("pre", { class: "command" }, command),
      element("p", {}, "Its config:"),
      element("pre", { class: "config" }, JSON.stringify(run.config, null, 1))));
  });
  return drawn;
}

/** A target's validation scores while runs trained, the best checkpoint marked. */
function learningCurves(runs, label) {
  const points = [];
  const constants = new Set();
  const best = [];
  for (const { name, seed, run } of runs) {
    const history = run.history;
    history.step.forEach((step, place) => points.push({ name, seed, step, value: history.validation[place] }));
    if (history.constant !== null && history.constant !== undefined) constants.add(history.constant);
    // The nearest point that was kept: a history holds at most some sixty.
    const distance = (place) => Math.abs(history.step[place] - run.best_step);
    const nearest = history.step.map((_, place) => place).sort((a, b) => distance(a) - distance(b))[0];
    if (nearest !== undefined) best.push({ name, seed, step: history.step[nearest], value: history.validation[nearest] });
  }
  const x = { field: "step", type: "quantitative", axis: { title: "training step", grid: false } };
  const y = { field: "value", type: "quantitative", scale: { zero: false }, axis: { title: label } };
  const palette = { field: "seed", type: "nominal", legend: { title: "seed", orient: "top" },
    scale: { range: ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"] } };
  const tooltip = ["seed", "step"].map((field) => ({ field, type: "nominal" }));
  tooltip.push({ field: "value", type: "quantitative", title: label, format: ".4f" });
  return {
    width: "container",
    height: 240,
    layer: [
      { data: { values: [...constants].map((value) => ({ value })) }, mark: { type: "rule", color: "#888888", strokeDash: [5, 3] },
        encoding: { y } },
      { data: { values: points }, mark: { type: "line", strokeWidth: 1.5, aria: false }, encoding: { x, y, color: palette } },
      { data: { values: points }, mark: { type: "point", size: 40, opacity: 0 }, encoding: { x, y, tooltip } },
      { data: { values: best }, mark: { type: "point", filled: true, size: 70, opacity: 1 }, encoding: { x, y, color: palette, tooltip } },
    ],
  };
}
