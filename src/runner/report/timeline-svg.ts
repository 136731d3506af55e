/** The timeline as a picture: a lane a task or step, seconds to the right. */
import { element, escapeText, fitText } from "../../core/svg.ts";
import { durationText } from "./texts.ts";
import type { Timeline, TimelineLane } from "./timeline.ts";

const width = 1080;
const nameWidth = 180;
const timeWidth = 96;
const laneHeight = 24;
const axisHeight = 26;

/** Styled by `pictureStyle`, which the page holds. Empty where nothing has run. */
export function drawTimeline({ lanes, span }: Timeline): string {
  if (lanes.length === 0) return "";
  const height = lanes.length * laneHeight + axisHeight;
  const room = width - nameWidth - timeWidth;
  const toX = (seconds: number) => nameWidth + (span === 0 ? 0 : (seconds / span) * room);
  const marks = ticks(span);
  const body = [
    ...marks.flatMap((seconds) => [
      element("line", { class: "rule", x1: toX(seconds), x2: toX(seconds), y1: 0, y2: height - axisHeight }),
      element(
        "text",
        { class: "muted", x: toX(seconds), y: height - 8, "font-size": 11, "text-anchor": "middle" },
        escapeText(tickText(seconds, marks[1] ?? 0)),
      ),
    ]),
    ...lanes.map((lane, index) => drawLane(lane, index * laneHeight, toX)),
  ];
  const label = "Timeline of the tasks";
  return element(
    "svg",
    { class: "tf", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    body.join("\n"),
  );
}

function drawLane({ name, bars, work }: TimelineLane, top: number, toX: (seconds: number) => number): string {
  const drawn = bars.map(({ task, start, end }) =>
    element(
      "rect",
      {
        class: "bar",
        x: toX(start),
        y: top + 5,
        // what takes no time is still to be seen
        width: Math.max(2.5, toX(end) - toX(start)),
        height: laneHeight - 10,
        rx: 2.5,
        "fill-opacity": bars.length > 1 ? 0.6 : 1,
      },
      element("title", {}, escapeText(`${task}: ${durationText(end - start)}`)),
    ),
  );
  const last = bars.reduce((latest, { end }) => Math.max(latest, end), 0);
  const count = bars.length > 1 ? ` (${bars.length})` : "";
  return [
    element(
      "text",
      { x: 0, y: top + 16, "font-size": 12 },
      escapeText(fitText(name + count, nameWidth - 12, 12)),
    ),
    ...drawn,
    element(
      "text",
      { class: "muted", x: Math.max(toX(last), toX(0) + 3) + 6, y: top + 16, "font-size": 11 },
      escapeText(durationText(work)),
    ),
  ].join("");
}

/** As many digits as tell neighbours apart, in the unit of the whole axis. */
export function tickText(seconds: number, step: number): string {
  if (seconds === 0 || step >= 1 || step <= 0) return durationText(seconds);
  if (step < 0.02) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  return `${Number(seconds.toFixed(step < 0.1 ? 2 : 1))} s`;
}

/** At most six round values from 0. */
function ticks(span: number): readonly number[] {
  if (span <= 0) return [0];
  const rough = span / 5;
  const units = [1, 2, 5, 10].map((digit) => digit * 10 ** Math.floor(Math.log10(rough)));
  const round = [...units, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400];
  const step = round.filter(
    (value) => value >= rough && (value < 10 || value % 15 === 0 || value % 60 === 0 || span < 60),
  );
  const size = Math.min(...(step.length > 0 ? step : [rough]));
  return Array.from({ length: Math.floor(span / size) + 1 }, (_, index) => index * size);
}
