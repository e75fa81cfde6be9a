/** The data of each event of a `text/event-stream` body, as it comes (HTML standard 9.2.6); `seen` at each chunk, comments included. */
export async function* eventData(
  body: ReadableStream<Uint8Array>,
  seen: () => void,
): AsyncGenerator<string, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // Half an event at the end is none.
      if (done) return;
      seen();
      rest += decoder.decode(value, { stream: true });
      // A CR at the end may be half of a CRLF.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
        if (line !== '' || data.length === 0) continue;
        yield data.join('\n');
        data = [];
      }
    }
  } finally {
    // The reader is given up with its body; what that answers is nobody's business any more.
    reader.cancel().catch(() => undefined);
  }
}
