// Charts in one language: each kind of series has one look in all three apps.
//
//   <figure class="chart" data-chart data-src="/url.json" data-zone="Europe/Berlin" data-label="…"></figure>
//   <figure class="chart" data-chart data-label="…">{{ data|json_script }}</figure>
//
// Data: {unit, times: [epoch seconds], now, series: [{kind, label, unit, values, times?}], text: {table, time, empty, failed}}
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});
  const language = document.documentElement.lang || "en";
  const DECIMALS = { "€/kWh": 3, "€": 2, "%": 0, kW: 1, kWh: 1, W: 0 };
  const TABLE_TIME = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const QUARTER_S = 900;
  const drawn = new WeakMap();

  // Tokens by name: line colour, width, dash; step: the value holds until the next time; below: another colour under zero.
  const LOOKS = {
    price: { line: "--chart-price", width: 2, step: true },
    production: { line: "--chart-production", fill: "--chart-production-fill", width: 1.5 },
    demand: { line: "--chart-demand", width: 1.75 },
    plan: { line: "--chart-plan", fill: "--chart-plan-fill", width: 2, step: true, below: true },
    baseline: { line: "--chart-demand", width: 1.5, dash: [3, 4], step: true },
    measured: { line: "--chart-measured", width: 2.25 },
    limit: { line: "--chart-limit", width: 2, dash: [8, 5], step: true },
    flex_up: { line: "--chart-flex-line", width: 1, step: true },
    flex_down: { line: "--chart-flex-line", width: 1, step: true },
    soc: { line: "--chart-soc", width: 2 },
  };
  const BELOW = { line: "--chart-discharge", fill: "--chart-discharge-fill" };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const look = (series) => LOOKS[series.kind] || LOOKS.demand;

  function format(value, unit, withUnit = true) {
    if (value === null || value === undefined) return "–";
    const digits = DECIMALS[unit] ?? 1;
    const figure = value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return unit && withUnit ? `${figure}\u00a0${unit}` : figure;
  }

  // --- data: one axis of times for all series ---------------------------------------------------------------------------

  function align(data) {
    const every = new Set(data.times || []);
    for (const series of data.series) for (const time of series.times || []) every.add(time);
    const times = [...every].sort((a, b) => a - b);
    const columns = data.series.map((series) => spread(series, series.times || data.times || [], times));
    // The last step holds for a slot, too: without this point it would have no width.
    if (times.length && data.series.some((series) => look(series).step)) {
      const before = times.length > 1 ? times[times.length - 2] : times[0] - QUARTER_S;
      times.push(2 * times[times.length - 1] - before);
      columns.forEach((column, i) => column.push(look(data.series[i]).step ? (column[column.length - 1] ?? null) : null));
    }
    return [times, ...columns];
  }

  function spread(series, own, times) {
    const at = new Map(own.map((time, i) => [time, series.values[i] ?? null]));
    let held = null;
    return times.map((time) => {
      if (at.has(time)) held = at.get(time);
      else if (!look(series).step) return null;
      return at.has(time) || time <= own[own.length - 1] ? held : null;
    });
  }

  // --- how it looks -----------------------------------------------------------------------------------------------------

  // A colour that changes at zero, so that what flows to the grid is seen at once.
  function twoTone(above, below, scale) {
    return (plot) => {
      const { top, height } = plot.bbox;
      if (!height) return colour(above);
      const zero = Math.min(Math.max((plot.valToPos(0, scale, true) - top) / height, 0), 1);
      const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
      gradient.addColorStop(0, colour(above));
      gradient.addColorStop(zero, colour(above));
      gradient.addColorStop(zero, colour(below));
      gradient.addColorStop(1, colour(below));
      return gradient;
    };
  }

  function seriesOptions(series, unit, busy) {
    const wanted = busy && series.kind === "plan" ? { ...look(series), fill: null } : look(series);
    const scale = series.unit || unit;
    const negative = wanted.below && series.values.some((value) => value < 0);
    return {
      label: series.label,
      scale,
      width: wanted.width,
      dash: wanted.dash,
      stroke: negative ? twoTone(wanted.line, BELOW.line, scale) : () => colour(wanted.line),
      fill: wanted.fill && (negative ? twoTone(wanted.fill, BELOW.fill, scale) : () => colour(wanted.fill)),
      fillTo: () => 0,
      paths: wanted.step ? window.uPlot.paths.stepped({ align: 1 }) : window.uPlot.paths.linear(),
      points: { show: false },
      spanGaps: !wanted.step,
    };
  }

  function scaleOptions(unit) {
    if (unit === "%") return { range: () => [0, 100] };
    return {
      range: (plot, low, high) => {
        const top = Math.max(high ?? 0, 0);
        const bottom = Math.min(low ?? 0, 0);
        const pad = (top - bottom || 1) * 0.08;
        return [bottom < 0 ? bottom - pad : 0, top + pad];
      },
    };
  }

  function axes(units, zone) {
    const shared = { stroke: () => colour("--muted"), font: `12px ${fontFamily()}`, ticks: { show: false }, border: { show: false } };
    const hours = {
      ...shared,
      space: 52,
      size: 28,
      gap: 6,
      grid: { show: false },
      values: (plot, splits) => splits.map((split) => axisTime(split, zone)),
    };
    const sides = units.map((unit, i) => ({
      ...shared,
      scale: unit,
      side: i === 0 ? 3 : 1,
      size: 44,
      space: 32,
      label: unit,
      labelSize: 16,
      labelGap: 2,
      labelFont: `12px ${fontFamily()}`,
      grid: { show: i === 0, stroke: () => colour("--chart-grid"), width: 1 },
      values: (plot, splits) => splits.map((split) => split.toLocaleString(language, { maximumFractionDigits: 2 })),
    }));
    return [hours, ...sides];
  }

  const fontFamily = () => getComputedStyle(document.body).fontFamily;

  function axisTime(seconds, zone) {
    const moment = new Date(seconds * 1000);
    const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(moment);
    if (time !== "00:00") return time;
    return new Intl.DateTimeFormat(language, { weekday: "short", timeZone: zone }).format(moment);
  }

  function drawNow(now) {
    return (plot) => {
      if (!now || now < plot.scales.x.min || now > plot.scales.x.max) return;
      const x = Math.round(plot.valToPos(now, "x", true)) + 0.5;
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.beginPath();
      ctx.setLineDash([]);
      ctx.strokeStyle = colour("--chart-now");
      ctx.lineWidth = devicePixelRatio;
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.restore();
    };
  }

  function drawZero(unit) {
    return (plot) => {
      const scale = plot.scales[unit];
      if (!scale || !(scale.min < 0)) return;
      const y = Math.round(plot.valToPos(0, unit, true)) + 0.5;
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.beginPath();
      ctx.setLineDash([]);
      ctx.strokeStyle = colour("--line-strong");
      ctx.lineWidth = devicePixelRatio;
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.restore();
    };
  }

  // The band lies between the pair of series that tell how far power could go.
  function bands(data) {
    const up = data.series.findIndex((series) => series.kind === "flex_up");
    const down = data.series.findIndex((series) => series.kind === "flex_down");
    return up < 0 || down < 0 ? [] : [{ series: [up + 1, down + 1], fill: () => colour("--chart-flex") }];
  }

  function options(figure, data, size) {
    const units = [...new Set([data.unit, ...data.series.map((series) => series.unit || data.unit)])].filter(Boolean);
    const zone = figure.element.dataset.zone || undefined;
    // Two areas over each other would be mud.
    const busy = data.series.some((series) => ["flex_up", "production"].includes(series.kind));
    return {
      ...size,
      tzDate: zone ? (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), zone) : undefined,
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
      padding: [10, units.length > 1 ? 4 : 24, 0, 0],
      scales: { x: { time: true }, ...Object.fromEntries(units.map((unit) => [unit, scaleOptions(unit)])) },
      axes: axes(units, zone),
      series: [{}, ...data.series.map((series) => seriesOptions(series, data.unit, busy))],
      bands: bands(data),
      hooks: {
        drawAxes: [drawZero(data.unit)],
        draw: [drawNow(data.now)],
        setCursor: [(plot) => showValues(figure, plot)],
      },
    };
  }

  // --- legend and table ---------------------------------------------------------------------------------------------------

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function key(series) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", `chart__key key--${series.kind}`);
    svg.setAttribute("viewBox", "0 0 18 12");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", look(series).step && !look(series).dash ? "M1 9h8V3h8" : "M1 6h16");
    svg.append(path);
    return svg;
  }

  function legend(data) {
    const list = make("ul", "chart__legend");
    for (const series of data.series) {
      if (series.kind === "flex_down") continue; // the band is named once
      const item = make("li");
      item.append(key(series), make("span", "", series.label), make("b"));
      list.append(item);
    }
    return list;
  }

  function showValues(figure, plot) {
    const { idx } = plot.cursor;
    const shown = figure.data.series.map((series, i) => [series, i]).filter(([series]) => series.kind !== "flex_down");
    figure.legend.querySelectorAll("b").forEach((cell, row) => {
      const [series, i] = shown[row];
      const value = idx === null || idx === undefined ? null : plot.data[i + 1][idx];
      const text = value === null || value === undefined ? "" : format(value, series.unit || figure.data.unit);
      if (cell.textContent !== text) cell.textContent = text;
    });
  }

  function tableToggle(figure) {
    const details = make("details", "chart__details");
    const words = figure.data.text || {};
    details.append(make("summary", "chart__toggle", words.table || figure.element.dataset.textTable || "Table"));
    details.open = figure.tableOpen || false;
    const fill = () => {
      figure.tableOpen = details.open;
      if (details.open && !details.querySelector("table")) details.append(table(figure));
    };
    details.addEventListener("toggle", fill);
    fill();
    return details;
  }

  function table(figure) {
    const { data, element } = figure;
    const frame = make("div", "chart__table");
    frame.tabIndex = 0; // it scrolls, so the keyboard has to reach it
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", element.dataset.label || "");
    const grid = make("table", "data-table data-table--dense");
    const head = make("tr");
    head.append(headCell(data.text?.time || "Time", "col"));
    for (const series of data.series) head.append(headCell(`${series.label} (${series.unit || data.unit})`, "col", "num"));
    grid.append(make("thead"), make("tbody"));
    grid.tHead.append(head);
    const columns = align(data);
    columns[0].forEach((time, row) => grid.tBodies[0].append(tableRow(figure, columns, time, row)));
    frame.append(grid);
    return frame;
  }

  function headCell(text, scope, className) {
    const cell = make("th", className, text);
    cell.scope = scope;
    return cell;
  }

  function tableRow({ data, element }, columns, time, row) {
    const line = make("tr");
    const zone = element.dataset.zone || undefined;
    const moment = new Intl.DateTimeFormat(language, { ...TABLE_TIME, timeZone: zone }).format(time * 1000);
    line.append(headCell(moment, "row", "nowrap"));
    data.series.forEach((series, i) => line.append(make("td", "num", format(columns[i + 1][row], series.unit || data.unit, false))));
    return line;
  }

  // --- life of a chart ----------------------------------------------------------------------------------------------------

  function draw(figure, data) {
    figure.data = data;
    figure.plot?.destroy();
    figure.plot = null;
    const { element } = figure;
    const empty = !data.series?.some((series) => series.values?.some((value) => value !== null));
    // A single moment of a line has no width, and the axis would show the days around it.
    if (empty || align(data)[0].length < 2) {
      const words = data.text?.empty || element.dataset.textEmpty || "–";
      element.replaceChildren(make("p", "chart__empty", words));
      return;
    }
    const stage = make("div", "chart__plot");
    stage.setAttribute("role", "img");
    stage.setAttribute("aria-label", element.dataset.label || data.series.map((series) => series.label).join(", "));
    figure.legend = legend(data);
    element.replaceChildren(figure.legend, stage, tableToggle(figure));
    const size = { width: stage.clientWidth || 320, height: stage.clientHeight || 220 };
    figure.plot = new window.uPlot(options(figure, data, size), align(data), stage);
    figure.stage = stage;
  }

  async function load(figure) {
    const { element } = figure;
    const block = element.querySelector('script[type="application/json"]');
    if (block) return draw(figure, JSON.parse(block.textContent));
    if (!element.dataset.src) return undefined;
    try {
      const answer = await fetch(element.dataset.src, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      draw(figure, await answer.json());
    } catch {
      // What was drawn before stays: an old curve is better than none, and the offline bar tells its age.
      if (!figure.plot) element.replaceChildren(make("p", "chart__empty", element.dataset.textFailed || "–"));
    }
    return undefined;
  }

  function start(element) {
    if (drawn.has(element)) return drawn.get(element);
    const figure = { element, draw: (data) => draw(figure, data), reload: () => load(figure) };
    drawn.set(element, figure);
    element.addEventListener("changed", figure.reload);
    new ResizeObserver(() => {
      const width = figure.stage?.clientWidth;
      if (figure.plot && width && width !== figure.plot.width) figure.plot.setSize({ width, height: figure.plot.height });
    }).observe(element);
    load(figure);
    return figure;
  }

  const all = () => [...document.querySelectorAll("[data-chart]")];
  const startAll = () => all().forEach(start);
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    drawn.get(event.target)?.plot?.destroy(); // it listens on the window
    drawn.delete(event.target);
  });

  TwinEV.chart = start;
  document.addEventListener("htmx:afterSettle", startAll);
  document.addEventListener("twinev:theme", () => all().forEach((element) => drawn.get(element)?.plot?.redraw(false, true)));
  startAll();
})();
