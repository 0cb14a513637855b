// Pays a relay with tokens of privacypass-ts, and checks with it the tokens that others have fetched.
//
// node client.mjs pay TYPE RELAY TARGET PATH   a token of that type, fetched from the relay's own issuer by its
//                                              directory, opens one tunnel and no second one; prints the page behind it
// node client.mjs verify TYPE KEY TOKEN...     whether tokens (base64url) are genuine; KEY is the issuer's private key in
//                                              PEM, of which only the public half is used for type 2
//
// Trusts what NODE_EXTRA_CA_CERTS names.
import { createPrivateKey, createPublicKey, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as plain } from "node:http";
import { request as secure } from "node:https";
import {
  fetchToken,
  privateVerif,
  publicVerif,
  Token,
  TOKEN_TYPES,
  WWWAuthenticateHeader,
} from "@cloudflare/privacypass-ts";

const TIMEOUT = 20_000;
const TYPES = {
  1: { entry: TOKEN_TYPES.VOPRF, client: () => new privateVerif.Client() },
  2: { entry: TOKEN_TYPES.BLIND_RSA, client: () => new publicVerif.Client(publicVerif.BlindRSAMode.PSS) },
};

async function pay(type, relay, target, path) {
  const refused = await connect(relay, target, {});
  const field = refused.headers["www-authenticate"] ?? refused.headers["proxy-authenticate"];
  console.error("challenged:", refused.statusCode, field);
  const challenge = WWWAuthenticateHeader.parse(field).find((one) => one.challenge.tokenType === type.entry.value);
  if (!challenge) throw new Error(`no challenge for a token of type ${type.entry.value}`);

  const authorization = (await fetchToken(type.client(), challenge)).toString(true);
  const opened = await connect(relay, target, { authorization });
  if (opened.statusCode !== 200) throw new Error(`instead of a tunnel for a token: ${opened.statusCode}`);
  process.stdout.write(await get(opened.socket, target, path));

  const again = await connect(relay, target, { authorization });
  if (again.statusCode === 200) throw new Error("the same token has opened a second tunnel");
}

// The answer to a CONNECT request, with the socket of the tunnel.
function connect(relay, target, headers) {
  const [host, port] = relay.split(":");
  return new Promise((resolve, reject) => {
    secure({ host, port, method: "CONNECT", path: target, headers, agent: false, timeout: TIMEOUT })
      .on("connect", (response, socket) => {
        if (response.statusCode !== 200) socket.destroy();
        resolve(Object.assign(response, { socket }));
      })
      .on("response", (response) => resolve(response.resume()))
      .on("timeout", () => reject(new Error("the relay does not answer")))
      .on("error", reject)
      .end();
  });
}

function get(socket, target, path) {
  return new Promise((resolve, reject) => {
    plain({ createConnection: () => socket, headers: { host: target, connection: "close" }, path, timeout: TIMEOUT })
      .on("response", async (response) => {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        socket.destroy();
        resolve(Buffer.concat(chunks));
      })
      .on("timeout", () => reject(new Error("the site does not answer")))
      .on("error", reject)
      .end();
  });
}

async function verify(type, keyFile, tokens) {
  const key = createPrivateKey(readFileSync(keyFile));
  for (const text of tokens) {
    const token = Token.deserialize(type.entry, new Uint8Array(Buffer.from(text, "base64url")));
    if (!(await isGenuine(token, key))) throw new Error("the token is not genuine");
    token.authenticator[token.authenticator.length - 1] ^= 1;
    if (await isGenuine(token, key)) throw new Error("every token is taken for genuine");
  }
  console.log(tokens.length, "tokens are genuine");
}

async function isGenuine(token, key) {
  if (token.authInput.tokenType === TOKEN_TYPES.VOPRF.value) {
    const secret = new Uint8Array(Buffer.from(key.export({ format: "jwk" }).d, "base64url"));
    return new privateVerif.Origin().verify(token, secret);
  }
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const algorithm = { name: "RSA-PSS", hash: "SHA-384" };
  const publicKey = await webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]);
  return new publicVerif.Origin(publicVerif.BlindRSAMode.PSS).verify(token, publicKey);
}

const [command, number, ...rest] = process.argv.slice(2);
const type = TYPES[number];
try {
  if (command === "pay") await pay(type, ...rest);
  else await verify(type, rest[0], rest.slice(1));
  process.exit(0);
} catch (e) {
  console.error(e.message, e.cause?.message ?? "");
  process.exit(1);
}
