// The conversation with the host: JSON-RPC 2.0 over postMessage, as MCP Apps 2026-01-26 has it.

const FOR_PAGES = 'clockodo-mcp/page';

const wire = (() => {
  const waiting = new Map();
  const hears = {};
  let last = 0;

  const send = (message) => parent.postMessage({ jsonrpc: '2.0', ...message }, '*');

  function request(method, params) {
    const id = ++last;
    send({ id, method, params });
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      // A person may be asked on the way; a host that is silent for longer will not answer.
      setTimeout(() => waiting.delete(id) && reject(new Error('no answer')), 300_000);
    });
  }

  addEventListener('message', ({ source, data }) => {
    if (source !== parent || data?.jsonrpc !== '2.0') return;
    if (data.method === undefined) {
      const one = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error) one?.reject(new Error(data.error.message));
      else one?.resolve(data.result);
    } else if (data.id !== undefined) {
      // A ping, or that the page is about to be closed: nothing of it is left to be saved.
      send({ id: data.id, result: {} });
    } else {
      hears[data.method]?.(data.params ?? {});
    }
  });

  return { request, notify: (method, params) => send({ method, params }), hears };
})();

/** What the host says of itself: asked for first of all, so that it answers while the rest of the page is read. */
const introduced = wire.request('ui/initialize', {
  appInfo: { name: 'clockodo-mcp week', version: '1' },
  appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
  protocolVersion: '2026-01-26',
});

/** A tool's result: what is for pages in it, and its words; `refused` where it was an error. */
function answerOf(result) {
  const told = result._meta?.[FOR_PAGES];
  const words = (result.content ?? [])
    .filter((one) => one.type === 'text')
    .map((one) => one.text)
    .join('\n');
  return result.isError ? { refused: { words, ...told } } : { told: told ?? {}, words };
}

/** Call a tool through the host. */
const tool = async (name, args) => answerOf(await wire.request('tools/call', { name, arguments: args }));
