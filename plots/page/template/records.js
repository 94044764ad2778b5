"use strict";
// The records inside the page, and what the figures and tables read from them.

async function unpackRecords() {
  const packed = atob(document.getElementById("records").textContent);
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const ARM = "arm";
const LINEAR = "linear model";
const CONSTANT = "constant predictor";
const ALL = "all";

function number(value) {
  if (value === null || value === undefined) return "–";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  const text = value.toFixed(3).replace(/^(-?)0\./, "$1.");
  return text === "-.000" ? ".000" : text; // what rounds to zero has no sign
}

/** The same with the sign of a gain. */
function signed(value) {
  const text = number(value);
  return value > 0 && text !== ".000" ? `+${text}` : text;
}

/** `80 %`; a dash for none. */
function percent(share) {
  return share == null ? "–" : `${Math.round(100 * share)} %`;
}

/** A p-value; three places would show nothing of a very small one. */
function probability(value) {
  return value !== null && value < 0.001 ? "< .001" : number(value);
}

function range(low, high, word = number) {
  return low === null || low === undefined ? "" : `(${word(low)} to ${word(high)})`;
}

/** Those of the cells that the study's filters let through. */
function chosenCells(study, cells) {
  const wanted = Object.entries(study.state.filters).filter(([, value]) => value !== ALL);
  // A factor that a cell does not have cannot exclude it.
  return cells.filter((cell) => wanted.every(([name, value]) => !(name in cell.names) || cell.names[name] === value));
}

/** Every value of a factor in the study's cells, in words, in the order of the records. */
function valuesOf(study, factor) {
  const found = new Map();
  for (const cell of study.cells) if (factor in cell.factors) found.set(cell.names[factor], cell.factors[factor]);
  const values = [...found];
  if (values.every(([, value]) => typeof value === "number")) values.sort((a, b) => a[1] - b[1]);
  return values.map(([name]) => name);
}

function rivalsOf(cells, metric) {
  return [...new Set(cells.flatMap((cell) => Object.keys(cell.metrics[metric]?.gains ?? {})))];
}

/** The rival of a chart that shows one: against the single task alone even permuted auxiliaries seem to help. */
function fairestRival(cells, metric) {
  const rivals = rivalsOf(cells, metric);
  return rivals.includes("auxiliary weights 0") ? "auxiliary weights 0" : rivals[0];
}

/** Mean and interval over seeds, or one seed's value without an interval. */
function estimate(ofAll, ofSeeds, seed) {
  if (seed !== ALL) return { mean: ofSeeds?.[Number(seed)] ?? null, low: null, high: null, n: 1 };
  const [mean, low, high] = ofAll ?? [null, null, null];
  return { mean, low, high, n: (ofSeeds ?? []).filter((value) => value !== null).length };
}

/** An arm's score in a cell. */
function scoreOf(study, cell, arm) {
  const { metric, seed } = study.state;
  const scored = cell.metrics[metric];
  if (arm === CONSTANT) return { mean: scored?.constant ?? null, low: null, high: null, n: null };
  return estimate(scored?.scores[arm], scored?.seed_scores[arm], seed);
}

/** The gain of a cell's arm over a rival. */
function gainOf(study, cell, rival) {
  const { metric, seed } = study.state;
  const found = cell.metrics[metric]?.gains[rival];
  return estimate(found?.gain, found?.seed_gains, seed);
}

function armName(cell, arm) {
  return arm === ARM ? cell.architecture : arm;
}

/** Mean of a field over an arm's runs. */
function meanOfRuns(study, cell, arm, field) {
  const values = (cell.arms[arm]?.runs ?? []).map((name) => study.runs[name]?.[field]).filter((v) => v != null);
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}

function dataOf(study) {
  return study.data.join("; ");
}
