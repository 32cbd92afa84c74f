"use strict";
// As `mark_times` in report/time_axis.py: the marks on an axis of dates are on whole hours, days or months.

const [MINUTE, DAY, MONTH] = [60000, 86400000, 2629800000];
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => 1000 * seconds),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => MINUTE * minutes),
  ...[1, 2, 4, 7, 14, 28].map((days) => DAY * days),
  ...[1, 2, 3, 6, 12, 24].map((months) => MONTH * months),
];
// from how many milliseconds on, how times are written, how many letters that is, and the least step it tells apart
const FORMATS = [
  [90 * DAY + 1, "%b %Y", 8, MONTH],
  [4 * DAY + 1, "%d %b %Y", 11, DAY],
  [600000, "%d %b %Y %H:%M", 17, MINUTE],
  [10000, "%d %b %Y %H:%M:%S", 20, 1000],
  [0, "%H:%M:%S.%f", 12, 1],
];
const DAYS = FORMATS[1];
const MONDAY = 4 * DAY;
const [LETTER, GAP, MARGINS, EXPANSION] = [7.5, 12, 90, 1.1];

function setTimeAxis(description, width) {
  const scale = description.scales.find((one) => one.datetime);
  const moments = scale ? description.layers.flatMap((layer) => layer.data.x) : [];
  if (!moments.length) return;
  const [low, high] = moments.reduce(([least, most], one) => [Math.min(least, one), Math.max(most, one)], [Infinity, -Infinity]);
  const span = high - low;
  for (const name of ["breaks", "format"]) delete scale[name];
  description.theme = { ...description.theme, axis_text_x: { name: "text", angle: 0 } };
  if (span < 50) scale.breaks = [];
  if (span > 1650 * DAY) return;
  const own = FORMATS.find(([from]) => span >= from);
  const least = own[3];
  scale.format = own[1];
  if (span < 10000) return;
  for (const step of STEPS.filter((one) => one >= least)) {
    // the time of day would be midnight at all marks
    const [, format, letters] = least < DAY && step >= DAY ? DAYS : own;
    const needed = (span * EXPANSION * (LETTER * letters + GAP)) / Math.max(width - MARGINS, 1);
    if (3 * step < needed) continue;
    const marks = placeMarks(low, high, step);
    if (marks.length) Object.assign(scale, { breaks: marks, format });
    if (!marks.length || step >= needed) return;
  }
}

function placeMarks(low, high, step) {
  const marks = [];
  if (step < MONTH) {
    for (let number = Math.ceil((low - MONDAY) / step); MONDAY + number * step <= high; number += 1) marks.push(MONDAY + number * step);
    return marks;
  }
  const size = step / MONTH;
  const first = new Date(low);
  let month = first.getUTCFullYear() * 12 + first.getUTCMonth();
  month -= month % size;
  for (; ; month += size) {
    // setUTCFullYear takes years below 100 as they are
    const mark = new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1);
    if (mark > high) return marks;
    if (mark >= low) marks.push(mark);
  }
}
