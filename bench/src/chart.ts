import { writeFileSync } from 'node:fs';
import * as echarts from 'echarts';
import { groups } from './groups/index.ts';
import type { NodeResults, Time } from './results.ts';
import { bestPeer } from './table.ts';

const file = new URL('../../docs/speed.svg', import.meta.url);
const colors = { ours: '#2563eb', peer: '#9ca3af' };
const rowHeight = 46;
const frame = { top: 64, bottom: 56, left: 330, right: 90 };

interface Bar {
  readonly group: string;
  readonly ours: Time;
  readonly peer: Time;
}

/** Our plainest contender and the best peer, of each group whose base is the bare call. */
function bars(run: NodeResults): Bar[] {
  return groups.flatMap(({ name, baseName }) => {
    const times = run.times.filter(({ group }) => group === name);
    const ours = times.find(({ contender }) => contender.startsWith('holdfast'));
    const peer = bestPeer(times);
    if (baseName !== 'await operation()' || ours === undefined || peer === undefined) return [];
    return [{ group: name, ours, peer }];
  });
}

const ratio = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

function series(name: string, color: string, times: readonly Time[]): object {
  return {
    name,
    type: 'bar',
    color,
    barGap: '12%',
    data: times.map((time) => ({
      value: time.ratio,
      label: {
        show: true,
        position: 'right',
        color: '#374151',
        formatter:
          name === 'Holdfast'
            ? ratio(time.ratio)
            : `${ratio(time.ratio)}  ${time.contender.split(',')[0]}`,
      },
    })),
  };
}

/** Draws what a successful call costs, ours beside the best peer's. */
export function writeChart(run: NodeResults): void {
  const rows = bars(run).toReversed();
  const height = frame.top + frame.bottom + rows.length * rowHeight;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 920, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'sans-serif' },
    title: { text: 'A successful call, in bare calls', left: 16, top: 12 },
    legend: { right: 24, top: 16, data: ['Holdfast', 'best peer'] },
    grid: frame,
    xAxis: {
      type: 'log',
      min: 1,
      name: 'x await operation()',
      nameLocation: 'middle',
      nameGap: 30,
    },
    yAxis: { type: 'category', data: rows.map((row) => row.group), axisTick: { show: false } },
    series: [
      series(
        'best peer',
        colors.peer,
        rows.map((row) => row.peer),
      ),
      series(
        'Holdfast',
        colors.ours,
        rows.map((row) => row.ours),
      ),
    ],
  });
  writeFileSync(file, `${chart.renderToSVGString()}\n`);
  chart.dispose();
}
