/* curve — how many were there, over time. Drawn by uPlot, in the page's colours; said in words for who does not see. */

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Curve } from '../api/types';
import { t } from '../i18n';
import { timeOf } from '../i18n/dates';
import { lang } from '../state/prefs';

const HEIGHT_PX = 180;
/* Moments are named to the minute: none is named twice. */
const STEPS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** The first moment at which most were there. */
export function peakOf(c: Curve): { count: number; at: number } {
  const count = Math.max(0, ...c.counts);
  return { count, at: c.from + c.counts.indexOf(count) * c.step_ms };
}

function draw(box: HTMLElement, c: Curve): uPlot {
  const look = getComputedStyle(box);
  const of = (name: string): string => look.getPropertyValue(name).trim();
  const axis = {
    stroke: of('--ink-soft'),
    grid: { stroke: of('--line'), width: 1 },
    ticks: { stroke: of('--line'), width: 1 },
    font: `12px ${look.fontFamily}`,
  };
  /* A last point, so that the last step has its width. */
  const x = [...c.counts.map((_, i) => (c.from + i * c.step_ms) / 1000), (c.from + c.counts.length * c.step_ms) / 1000];
  const y = [...c.counts, c.counts.at(-1) ?? 0];
  return new uPlot(
    {
      width: box.clientWidth,
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_u, _min, max) => [0, Math.max(4, Math.ceil(max * 1.1))] } },
      axes: [
        { ...axis, values: (_u, at) => at.map((s) => timeOf(s * 1000)), space: 64, incrs: STEPS_S },
        { ...axis, size: 40, values: (_u, at) => at.map((n) => (Number.isInteger(n) ? String(n) : '')) },
      ],
      series: [
        {},
        { stroke: of('--accent'), width: 2, fill: of('--accent-soft'), points: { show: false }, paths: uPlot.paths.stepped?.({ align: 1 }) },
      ],
    },
    [x, y],
    box,
  );
}

export function CurveChart({ curve }: { curve: Curve }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = ref.current;
    if (!box) return undefined;
    let chart = draw(box, curve);
    const again = (): void => {
      chart.destroy();
      chart = draw(box, curve);
    };
    const size = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT_PX }));
    size.observe(box);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', again);
    return () => {
      dark.removeEventListener('change', again);
      size.disconnect();
      chart.destroy();
    };
  }, [curve, lang.value]);
  const peak = peakOf(curve);
  const to = curve.from + curve.counts.length * curve.step_ms;
  return (
    <div class="curve" ref={ref} role="img"
      aria-label={t('attend.chartText', { from: timeOf(curve.from), to: timeOf(to), count: peak.count, at: timeOf(peak.at) })} />
  );
}
