"use strict";
// Unpacks what the page holds, and draws its charts with Lets-Plot: again when the width or the colours change.

// a paper of A4 is that wide between its margins; charts are drawn for it before the page is laid out on it
const [NARROW, PAPER, LONG_NAME, LEGEND_ROW, LEGEND_SIGN, NAME_LETTER] = [700, 660, 16, 23, 34, 7];
const charts = new Map(); // element: the function that describes its chart in a look, "light" or "dark", and a width
const isDark = window.matchMedia("(prefers-color-scheme: dark)");
let isPrinting = false;

async function unpack(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
}

async function loadPlotting() {
  const script = document.createElement("script");
  script.textContent = await unpack("plotting");
  document.head.append(script);
}

function draw(element) {
  const width = Math.floor(isPrinting ? Math.min(element.clientWidth, PAPER) : element.clientWidth);
  if (!width || !element.isConnected) return;
  const look = isDark.matches && !isPrinting ? "dark" : "light";
  const key = `${look} ${width}`;
  if (element.dataset.drawn === key) return;
  element.dataset.drawn = key;
  const description = charts.get(element)(look, width);
  const around = LEGEND_ROW * countRows(description) + (width < NARROW ? 40 + measureTurned(description, width) : -LEGEND_ROW);
  const height = Math.round(Math.min(440, 0.45 * width + 60) + Math.max(0, around));
  element.style.height = `${height}px`;
  element.replaceChildren();
  const sizing = { width_mode: "FIXED", height_mode: "FIXED", width, height };
  LetsPlot.buildPlotFromRawSpecs(description, element, sizing);
  // the description of the element says what the picture shows
  for (const svg of element.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
}

function drawAll() {
  for (const element of charts.keys()) {
    if (element.isConnected) draw(element);
    else charts.delete(element);
  }
}

const watcher = new ResizeObserver((entries) => entries.forEach((entry) => draw(entry.target)));

function addChart(element, describe) {
  charts.set(element, describe);
  watcher.observe(element);
  draw(element);
}

function listGuides(description) {
  return description.scales.filter((scale) => scale.guide);
}

// legends with a number of rows stand side by side, those with columns one below the other
function countRows(description) {
  const guides = listGuides(description);
  const beside = Math.max(0, ...guides.map((scale) => scale.guide.nrow ?? 0));
  const below = guides.filter((scale) => !scale.guide.nrow);
  return beside + below.reduce((sum, scale) => sum + Math.ceil((scale.breaks ?? scale.limits).length / scale.guide.ncol), 0);
}

// the height of labels of the horizontal axis, where they are turned as they do not fit
function measureTurned(description, width) {
  const labels = description.scales.find((scale) => scale.aesthetic === "x")?.labels ?? [];
  const longest = NAME_LETTER * Math.max(0, ...labels.map((label) => label.length));
  return longest * labels.length > width ? longest : 0;
}

function divideLegends(description, width) {
  const guides = listGuides(description).filter((scale) => scale.guide.nrow);
  const measure = (names) => names.reduce((sum, name) => sum + LEGEND_SIGN + NAME_LETTER * String(name).length, 0);
  const lengths = guides.map((scale) => measure(scale.breaks ?? scale.limits));
  const rows = Math.ceil(lengths.reduce((sum, length) => sum + length, 0) / (0.95 * width));
  for (const scale of guides) scale.guide = { ...scale.guide, nrow: Math.max(rows, scale.guide.nrow) };
}

function fitWidth(description, width) {
  setTimeAxis(description, width);
  // on a narrow screen the legend needs more rows, and the axis no title
  if (width >= NARROW) {
    divideLegends(description, width);
    return description;
  }
  for (const scale of description.scales) {
    const longest = Math.max(0, ...(scale.limits ?? []).map((name) => String(name).length));
    if (scale.guide) scale.guide = { ...scale.guide, nrow: undefined, ncol: longest > LONG_NAME ? 1 : 2 };
    if (scale.aesthetic === "y") scale.name = "";
  }
  return description;
}

isDark.addEventListener("change", drawAll);
window.addEventListener("beforeprint", () => { isPrinting = true; drawAll(); });
window.addEventListener("afterprint", () => { isPrinting = false; drawAll(); });

async function start() {
  const [text] = await Promise.all([unpack("data"), loadPlotting()]);
  const data = JSON.parse(text);
  for (const element of document.querySelectorAll("[data-chart]")) {
    const looks = data.charts[Number(element.dataset.chart)];
    addChart(element, (look, width) => fitWidth(structuredClone(looks[look]), width));
  }
  if (data.series) listSeries(data);
  document.documentElement.dataset.ready = "yes";
}

window.addEventListener("DOMContentLoaded", start);
