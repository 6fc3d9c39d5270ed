// A host of MCP Apps, by the official AppBridge: the page in a sandboxed frame, its tool calls to the server of the test.

import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';

const told = { violations: [], context: [], calls: [], sizes: [], modes: [] };
window.told = told;
addEventListener('securitypolicyviolation', (event) => told.violations.push(event.violatedDirective));

async function called(params) {
  const begun = performance.now();
  const answer = await fetch('/call', { method: 'POST', body: JSON.stringify(params) });
  const result = await answer.json();
  told.calls.push({
    name: params.name,
    arguments: params.arguments,
    ms: performance.now() - begun,
    failed: Boolean(result.isError),
  });
  return result;
}

/** Show the page as after a call of show_week. `ends` is how that call ends: result, cancelled, or not at all; `late`
 * is a host that opens the page once it has the result, as one does whose chat is opened again. One that `refuses` does
 * not speak with pages of this kind. */
window.show = async ({
  context = {},
  capabilities = { serverTools: {}, updateModelContext: { text: {} } },
  shown = {},
  ends = 'result',
  late = false,
  refuses = false,
}) => {
  const answered = async () => {
    const result = await called({ name: 'show_week', arguments: shown });
    told.arrived = performance.timeOrigin + performance.now();
    return result;
  };
  const early = late ? await answered() : null;
  const frame = document.createElement('iframe');
  frame.title = 'app';
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.style.cssText = 'border:0;width:100%;height:900px;display:block';
  document.body.append(frame);
  if (refuses) {
    addEventListener('message', ({ source, data: { id } }) => {
      source.postMessage({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no such version' } }, '*');
    });
    frame.src = '/page';
    return;
  }
  const bridge = new AppBridge(null, { name: 'tests', version: '1' }, capabilities, { hostContext: context });
  window.bridge = bridge;
  bridge.oncalltool = called;
  bridge.onupdatemodelcontext = async (params) => {
    told.context.push(params.content.map((one) => one.text).join('\n'));
    return {};
  };
  bridge.onsizechange = ({ height }) => {
    told.sizes.push(height);
    if (height) frame.style.height = `${height}px`;
  };
  bridge.onrequestdisplaymode = async ({ mode }) => {
    told.modes.push(mode);
    bridge.setHostContext({ ...context, displayMode: mode });
    return { mode };
  };
  const ready = new Promise((resolve) => {
    bridge.oninitialized = resolve;
  });
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.src = '/page';
  await ready;
  await bridge.sendToolInput({ arguments: shown });
  if (ends === 'cancelled') await bridge.sendToolCancelled({ reason: 'user action' });
  if (ends !== 'result') return;
  await bridge.sendToolResult(early ?? (await answered()));
};
