// Money in above the line, money out below it; colours from the page's tokens, numbers also in the table beside.
"use strict";
(() => {
  const { say } = window.fanzha;
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const yuan = (fen) => `¥${Math.round(Math.abs(fen) / 100).toLocaleString("en-US")}`;
  const short = (fen) => {
    const amount = Math.abs(fen) / 100;
    const unit = Number(say("money_unit"));
    return amount < unit ? String(amount) : say("money_short", { amount: Math.round(amount / unit).toLocaleString("en-US") });
  };
  const option = ({ labels, in: inward, out: outward }) => ({
    animation: false,
    textStyle: { fontFamily: token("--sans"), color: token("--quiet") },
    grid: { left: 8, right: 8, top: 28, bottom: labels.length > 62 ? 48 : 8, containLabel: true },
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: yuan, backgroundColor: token("--raised"), borderColor: token("--line-strong"), textStyle: { color: token("--ink"), fontSize: 12 } },
    dataZoom: labels.length > 62 ? [{ type: "slider", height: 16, bottom: 8, borderColor: token("--line"), textStyle: { color: token("--quiet") } }] : [],
    xAxis: { type: "category", data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line-strong") } }, axisLabel: { color: token("--quiet"), fontSize: 11, hideOverlap: true } },
    yAxis: { type: "value", axisLabel: { color: token("--quiet"), fontSize: 11, formatter: short }, splitNumber: 4, splitLine: { lineStyle: { color: token("--line") } } },
    series: [
      { name: say("in"), type: "bar", stack: "sum", barMaxWidth: 18, data: inward, itemStyle: { color: token("--bar-in") } },
      { name: say("out"), type: "bar", stack: "sum", barMaxWidth: 18, data: outward.map((fen) => -fen), itemStyle: { color: token("--bar-out") } },
    ],
    graphic: [
      { type: "text", left: 8, top: 4, style: { text: `▲ ${say("in")}`, fill: token("--ink-soft"), font: `12px ${token("--sans")}` } },
      { type: "text", left: 72, top: 4, style: { text: `▼ ${say("out")}`, fill: token("--ink-soft"), font: `12px ${token("--sans")}` } },
    ],
  });
  const drawn = [];
  for (const place of document.querySelectorAll("[data-chart]")) {
    const held = document.querySelector(`script[data-for="${place.dataset.chart}"]`);
    const chart = echarts.init(place);
    const paint = () => chart.setOption(option(JSON.parse(held.textContent)), true);
    paint();
    drawn.push(chart);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  }
  addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
  addEventListener("beforeprint", () => drawn.forEach((chart) => chart.resize({ width: 640 })));
})();
