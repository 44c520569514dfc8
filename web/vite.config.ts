import { defineConfig } from 'vite';

// The server's address while developing the client alone: `SOMHUB=http://127.0.0.1:8080 npm run dev`.
const server = process.env.SOMHUB ?? 'http://127.0.0.1:8080';

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: 'es2021',
    // The server sends `default-src 'self'`: nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    cssCodeSplit: true,
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': server,
      '/media': server,
      '/healthz': server,
      '/ws': { target: server, ws: true },
    },
  },
});
