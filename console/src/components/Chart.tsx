import { Group, Text } from '@mantine/core';
import { useState, type PointerEvent } from 'react';

interface Series {
  name: string;
  color: string;
  /** As many as there are times; null where nothing is known. */
  values: (number | null)[];
}

const width = 640;
const left = 70;
const right = 8;
const top = 10;
const bottom = 22;

/** Values over time, in plain SVG. What it shows is also said in words, for those who do not see it. */
export function Chart({ times, series, format, label, height = 180, timeFormat, isBinary = false }: {
  times: string[]; series: Series[]; format: (value: number) => string; label: string; height?: number; timeFormat: (iso: string) => string; isBinary?: boolean;
}) {
  const [at, setAt] = useState<number | null>(null);
  const max = niceMax(Math.max(0, ...series.flatMap((one) => one.values.map((value) => value ?? 0))), isBinary);
  const x = (index: number) => left + (times.length < 2 ? 0 : (index / (times.length - 1)) * (width - left - right));
  const y = (value: number) => top + (1 - value / max) * (height - top - bottom);
  const shown = at === null || at >= times.length ? null : at;
  const last = times.length - 1;
  const say = (value: number | null | undefined) => (value === null || value === undefined ? 'none' : format(value));
  const said = series.map((one) => `${one.name} ${say(one.values[last])}`).join(', ');
  function move(event: PointerEvent<SVGSVGElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    const position = ((event.clientX - box.left) / box.width) * width;
    setAt(Math.max(0, Math.min(last, Math.round(((position - left) / (width - left - right)) * last))));
  }
  return (
    <figure style={{ margin: 0 }}>
      <svg viewBox={`0 0 ${width} ${height}`} className="chart" role="img" aria-label={`${label}. Last: ${said}.`} onPointerMove={move} onPointerLeave={() => setAt(null)}>
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line className="grid" x1={left} x2={width - right} y1={y(max * part)} y2={y(max * part)} />
            <text x={left - 8} y={y(max * part) + 4} textAnchor="end">{format(max * part)}</text>
          </g>
        ))}
        {times.length > 1 && [0, Math.floor(last / 2), last].map((index, i) => <text key={i} x={x(index)} y={height - 5} textAnchor={i === 0 ? 'start' : i === 2 ? 'end' : 'middle'}>{timeFormat(times[index]!)}</text>)}
        {series.map((one, i) => (
          <g key={one.name}>
            {i === 0 && <path d={area(one.values, x, y, y(0))} fill={one.color} opacity={0.12} />}
            <path d={line(one.values, x, y)} fill="none" stroke={one.color} strokeWidth={1.8} strokeLinejoin="round" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
          </g>
        ))}
        {shown !== null && (
          <>
            <line className="chart-point" x1={x(shown)} x2={x(shown)} y1={top} y2={height - bottom} />
            {series.map((one) => one.values[shown] !== null && one.values[shown] !== undefined && <circle key={one.name} cx={x(shown)} cy={y(one.values[shown]!)} r={3} fill={one.color} />)}
          </>
        )}
      </svg>
      <Group gap="md" component="figcaption" mt={2} aria-hidden>
        {series.map((one) => (
          <Group key={one.name} gap={6}>
            <svg width={10} height={10}><rect width={10} height={10} rx={2} fill={one.color} /></svg>
            <Text size="xs" c="dimmed">{one.name}{` ${say(one.values[shown ?? last])}`}</Text>
          </Group>
        ))}
        {shown !== null && <Text size="xs" c="dimmed">{timeFormat(times[shown]!)}</Text>}
      </Group>
    </figure>
  );
}

/** The next of 1, 2, 5 times a power of ten; for bytes the next power of two. */
export function niceMax(value: number, isBinary = false): number {
  if (value <= 0) return 1;
  if (isBinary) return 2 ** Math.ceil(Math.log2(value));
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

type Scale = (value: number) => number;

function line(values: (number | null)[], x: Scale, y: Scale) {
  let path = '';
  let isOpen = false;
  values.forEach((value, index) => {
    if (value === null) isOpen = false;
    else {
      // One that is alone is a point.
      path += `${isOpen ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}${!isOpen && (values[index + 1] ?? null) === null ? 'h0.1' : ''}`;
      isOpen = true;
    }
  });
  return path;
}

function area(values: (number | null)[], x: Scale, y: Scale, base: number) {
  const known = values.map((value, index) => [index, value] as const).filter(([, value]) => value !== null);
  if (known.length < 2) return '';
  return `M${x(known[0]![0])} ${base}` + known.map(([index, value]) => `L${x(index).toFixed(1)} ${y(value!).toFixed(1)}`).join('') + `L${x(known[known.length - 1]![0])} ${base}Z`;
}
