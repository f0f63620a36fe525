import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** A mountain lake: the one accent of the console. */
const tarn: MantineColorsTuple = ['#e9f7f9', '#d3ecf0', '#a5d9e1', '#75c5d2', '#4cb1c2', '#2c9cb0', '#17879b', '#0f7285', '#0b5e6f', '#064756'];

export const theme = createTheme({
  colors: { tarn },
  primaryColor: 'tarn',
  primaryShade: 7,
  autoContrast: true,
  luminanceThreshold: 0.42,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1.0625rem' }, h3: { fontSize: '0.9375rem' } } },
  components: {
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: { defaultProps: { centered: true } },
    Table: { defaultProps: { verticalSpacing: 'xs', highlightOnHover: true } },
  },
});
