/* Back as soon as there is a network again, or the server answers again. */
addEventListener('online', () => location.reload());
setInterval(() => fetch('/healthz', { cache: 'no-store' }).then((r) => r.ok && location.reload(), () => undefined), 5000);
