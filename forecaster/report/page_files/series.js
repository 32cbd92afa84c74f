"use strict";
// The list of series: search, sort, open. Only some rows are in the page at once, so thousands of series are no burden.

const ROWS = 100;
const PREVIEW_DELAY = 200;

function writeNumber(value) {
  if (value === null || value === undefined) return "–";
  if (Math.abs(value) >= 1e15 || (value && Math.abs(value) < 1e-4)) return String(Number(value.toPrecision(9)));
  return value.toLocaleString("en-US", { maximumFractionDigits: 9 });
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function readStretch(data, packed) {
  if (packed === null) return null;
  const [number, values] = packed;
  const [moments, texts] = data.times[number];
  return { moments, texts, values };
}

// As `fill_layer` in report/descriptions.py: the same layers, from the packed numbers.
function fillLayer(layer, stretch) {
  const names = layer.columns.length === 2 ? ["low", "high"] : ["y"];
  const others = names.length === 1 && stretch ? Object.keys(stretch.values).filter((name) => name !== layer.columns[0]) : [];
  const table = { x: [], time: [], what: [], run: [] };
  for (const name of [...names, ...(names.length === 1 ? ["value"] : []), ...others]) table[name] = [];
  if (!stretch) return table;
  const columns = layer.columns.map((column) => stretch.values[column]);
  let run = 0;
  const isKnown = (step) => step >= 0 && step < stretch.texts.length && columns.every((column) => column[step] !== null);
  stretch.texts.forEach((text, step) => {
    if (!isKnown(step)) return;
    if (!isKnown(step - 1)) run += 1;
    if (layer.is_alone === (isKnown(step - 1) || isKnown(step + 1))) return;
    table.x.push(stretch.moments[step]);
    table.time.push(text);
    table.what.push(layer.what);
    table.run.push(run);
    names.forEach((name, position) => table[name].push(columns[position][step]));
    if (names.length === 1) table.value.push(writeNumber(columns[0][step]));
    for (const other of others) table[other].push(writeNumber(stretch.values[other][step]));
  });
  return table;
}

// As `_limit_flat` in report/descriptions.py: where all values are one, the axis goes from zero to it.
function limitFlat(description) {
  const shown = new Set(description.layers.flatMap(({ data }) => ["y", "low", "high"].flatMap((name) => data[name] ?? [])));
  if (shown.size !== 1) return;
  const [only] = shown;
  const scale = description.scales.find((one) => one.aesthetic === "y");
  scale.limits = only ? [Math.min(only, 0), Math.max(only, 0)] : [0, 1];
}

// The legend names what this series has: one that is too short has no backtest, one of a single value no intervals.
function nameShown(description) {
  const shown = new Set(description.layers.flatMap(({ data }) => data.what));
  const isShown = (name) => shown.has(name);
  for (const scale of description.scales.filter((one) => one.discrete)) {
    const { limits, breaks, guide } = scale;
    const strokes = guide.override_aes.linetype;
    if (strokes) guide.override_aes.linetype = strokes.filter((_, number) => isShown(breaks[number]));
    scale.values = scale.values.filter((_, number) => isShown(limits[number]));
    scale.limits = limits.filter(isShown);
    scale.breaks = breaks.filter(isShown);
  }
  description.scales = description.scales.filter((one) => !one.discrete || one.limits.length);
}

function describeSeries(data, series, look, width) {
  const description = structuredClone(data.chart[look]);
  const stretches = { history: readStretch(data, series.history), forecast: readStretch(data, series.forecast),
    backtest: readStretch(data, series.backtest) };
  data.layers.forEach((layer, number) => { description.layers[number].data = fillLayer(layer, stretches[layer.stretch]); });
  description.layers = description.layers.filter((layer) => layer.data.x.length);
  limitFlat(description);
  nameShown(description);
  const named = new Set(description.layers.filter((layer) => layer.show_legend !== false).map((layer) => layer.data.what[0]));
  for (const layer of description.layers) layer.show_legend = layer.show_legend !== false || !named.has(layer.data.what[0]);
  return fitWidth(description, width);
}

function describeEffects(data, series, look, width) {
  const description = structuredClone(data.effects[look]);
  const { moments, texts } = readStretch(data, series.forecast);
  const table = { x: [], y: [], what: [], time: [], value: [], run: [] };
  for (const [column, values] of series.effects) {
    values.forEach((value, step) => {
      table.x.push(moments[step]);
      table.y.push(value);
      table.what.push(column);
      table.run.push(column);
      table.time.push(texts[step]);
      table.value.push(writeNumber(value));
    });
  }
  for (const layer of description.layers) layer.data = table;
  return fitWidth(description, width);
}

function tabulate(data, series) {
  const stretch = readStretch(data, series.forecast);
  const head = make("tr", {}, make("th", { scope: "col" }, data.time_column),
    ...data.columns.map((column) => make("th", { scope: "col" }, column)));
  const rows = stretch.texts.map((text, step) => make("tr", {}, make("th", { scope: "row" }, text),
    ...data.columns.map((column) => make("td", {}, writeNumber(stretch.values[column][step])))));
  return make("div", { class: "wide inner", tabindex: "0", role: "region", "aria-label": "Numbers of the forecast" },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
}

function showSeries(data, series, colspan) {
  const chart = make("div", { class: "chart", role: "img", "aria-label": series.summary });
  const cell = make("td", { colspan }, make("figure", {}, chart, make("figcaption", {}, series.summary)));
  addChart(chart, (look, width) => describeSeries(data, series, look, width));
  if (series.effects) {
    const label = `What each covariate adds to the forecast of ${series.label}, in the units of the data.`;
    const effects = make("div", { class: "chart", role: "img", "aria-label": label });
    cell.append(make("figure", {}, effects, make("figcaption", {}, label)));
    addChart(effects, (look, width) => describeEffects(data, series, look, width));
  }
  if (series.forecast) {
    const numbers = make("details", {}, make("summary", {}, "Numbers of the forecast"));
    numbers.addEventListener("toggle", () => { if (numbers.children.length === 1) numbers.append(tabulate(data, series)); });
    cell.append(numbers);
  }
  return make("tr", { class: "opened" }, cell);
}

function listSeries(data) {
  const body = document.querySelector("#list tbody");
  const heads = [...document.querySelectorAll("#list thead th")];
  const search = document.getElementById("search");
  const status = document.getElementById("count");
  const more = document.getElementById("more");
  const preview = document.getElementById("preview");
  const opened = new Set();
  let [found, shown, sorted, direction, timer] = [data.series, ROWS, -1, 1, 0];
  data.series.forEach((series, number) => { series.number = number; series.lower = series.label.toLowerCase(); });

  function open(series, row) {
    row.after(showSeries(data, series, heads.length));
    // charts need a place in the page to know their width
    row.nextSibling.querySelectorAll(".chart").forEach(draw);
  }

  function toggle(series, row, button) {
    hidePreview();
    if (opened.delete(series.number)) row.nextSibling.remove();
    else { opened.add(series.number); open(series, row); }
    button.setAttribute("aria-expanded", String(opened.has(series.number)));
  }

  function makeRow(series) {
    const button = make("button", { type: "button", title: series.label,
      "aria-expanded": String(opened.has(series.number)) }, series.label);
    const cells = series.cells.map((value, number) => {
      const kind = heads[number + 1].className;
      return make("td", { class: kind }, typeof value === "string" ? value : writeNumber(value));
    });
    const row = make("tr", {}, make("th", { scope: "row" }, button), ...cells);
    button.addEventListener("click", () => toggle(series, row, button));
    row.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") timer = setTimeout(() => showPreview(series), PREVIEW_DELAY);
    });
    row.addEventListener("pointerleave", hidePreview);
    return row;
  }

  function showPreview(series) {
    if (opened.has(series.number) || !window.matchMedia("(min-width: 50rem)").matches) return;
    const chart = make("div", { class: "chart" });
    preview.replaceChildren(series.label, chart);
    preview.hidden = false;
    addChart(chart, (look, width) => describeSeries(data, series, look, width));
  }

  function hidePreview() {
    clearTimeout(timer);
    preview.hidden = true;
    preview.replaceChildren();
  }

  function addRows(from) {
    for (const series of found.slice(from, shown)) {
      const row = makeRow(series);
      body.append(row);
      if (opened.has(series.number)) open(series, row);
    }
    more.hidden = shown >= found.length;
    more.textContent = `Show ${Math.min(ROWS, found.length - shown)} more of ${(found.length - shown).toLocaleString("en-US")}`;
    status.textContent = `${found.length.toLocaleString("en-US")} of ${data.series.length.toLocaleString("en-US")} series`;
  }

  function refresh() {
    hidePreview();
    body.replaceChildren();
    addRows(0);
  }

  function choose() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = data.series.filter((series) => words.every((word) => series.lower.includes(word)));
    if (sorted >= 0) {
      const read = (series) => (sorted === 0 ? series.label : series.cells[sorted - 1]);
      const compare = new Intl.Collator("en", { numeric: true }).compare;
      found = [...found].sort((one, other) => {
        const [left, right] = [read(one), read(other)];
        // what has no value comes last, whatever the direction
        if (left === null || right === null) return (left === null) - (right === null);
        return direction * (typeof left === "string" ? compare(left, right) : left - right);
      });
    }
    shown = ROWS;
    refresh();
  }

  heads.forEach((head, number) => head.querySelector("button").addEventListener("click", () => {
    direction = sorted === number ? -direction : 1;
    sorted = number;
    heads.forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    choose();
  }));
  search.addEventListener("input", choose);
  more.addEventListener("click", () => {
    const from = shown;
    shown += ROWS;
    addRows(from);
    body.querySelectorAll("th button")[from]?.focus();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hidePreview(); });
  if (data.series.length) opened.add(0);
  refresh();
}
