/// <reference types="vitest/config" />
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The control address of a server that was started with `--console-url http://127.0.0.1:9500`, so that it answers this page. */
const server = process.env.TARN_CONSOLE_SERVER ?? 'http://127.0.0.1:9001';

export default defineConfig({
  plugins: [react()],
  // The server puts a nonce of its own in this place each time it sends the page.
  html: { cspNonce: 'TARN-STYLE-NONCE' },
  server: { port: 9500, proxy: { '/api': server, '/openapi': server } },
  build: {
    target: 'es2022',
    // A data: URL is refused by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
  },
  test: { environment: 'jsdom', include: ['tests/**/*.test.{ts,tsx}'], setupFiles: ['tests/setup.ts'] },
});
