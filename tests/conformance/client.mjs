// What a TypeScript SDK does with the server: `node client.mjs <folder of the SDK>
// http|sse|negotiated <address> <title>`, the token in MCP_TOKEN; prints one JSON object per step.

import { createRequire } from "node:module";

const [folder, transport, address, title] = process.argv.slice(2);
const from = createRequire(`${folder}/package.json`);

function sdk() {
  try {
    return from("@modelcontextprotocol/client");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  return {
    ...from("@modelcontextprotocol/sdk/client/index.js"),
    ...from("@modelcontextprotocol/sdk/client/sse.js"),
    ...from("@modelcontextprotocol/sdk/client/streamableHttp.js"),
  };
}

const { Client, SSEClientTransport, StreamableHTTPClientTransport } = sdk();
const headers = { Authorization: `Bearer ${process.env.MCP_TOKEN}` };

function opened() {
  const url = new URL(address);
  if (transport !== "sse") {
    return new StreamableHTTPClientTransport(url, { requestInit: { headers } });
  }
  // The older SDKs send `requestInit` with posts only; the stream is opened through this.
  const withToken = (input, init) =>
    fetch(input, { ...init, headers: { ...headers, Accept: "text/event-stream" } });
  return new SSEClientTransport(url, {
    eventSourceInit: { fetch: withToken },
    requestInit: { headers },
  });
}

const say = (step, ok, said) => console.log(JSON.stringify({ step, ok: Boolean(ok), said }));
// The newest SDK speaks the protocol of 2026-07-28 only when it is told to ask for it.
const versionNegotiation = { mode: transport === "negotiated" ? "auto" : "legacy" };
const client = new Client({ name: "conformance", version: "1" }, { versionNegotiation });

async function call(name, args = {}) {
  const answer = await client.callTool({ name, arguments: args });
  const text = answer.content[0].text;
  return answer.isError ? { refusal: text } : JSON.parse(text);
}

const connection = opened();
await client.connect(connection);
const version = client.getNegotiatedProtocolVersion?.() ?? connection.protocolVersion;
say("connect", true, version ? `protocol ${version}` : "connected");
const { tools } = await client.listTools();
say("list tools", tools.length, `${tools.length} tools`);
const who = await call("get_user_info");
say("get_user_info", who.username, who.username);
const blog = await call("find_page", { url: "/blog/" });
const draft = await call("create_blog_post", { parent_id: blog.id, title, body: "Sown in May." });
say("create a draft", draft.id, draft.status ?? draft.refusal);
const read = await call("get_page_content", { page_id: draft.id });
say("read it", read.title === title, read.title);
const { refusal } = await call("get_page_content", { page_id: 999999 });
say("a refusal", refusal, refusal);
const { contents } = await client.readResource({ uri: "content://style-guide" });
say("read a resource", contents[0].text, `${contents[0].text.length} characters`);
await client.close();
