// Exit 0 when a process of this container answers, 1 otherwise: `node deploy/healthcheck.mjs [URL]`, default the server's liveness.
const url = process.argv[2] ?? `http://127.0.0.1:${process.env.PORT ?? 8000}/health/live`;
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) console.error(`${url} answered ${response.status}`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(`${url} does not answer: ${error.cause?.code ?? error.message}`);
  process.exitCode = 1;
}
