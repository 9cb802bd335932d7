// A service that keeps a copy of the keys goes on while a signing key is withdrawn; what that key signed is no hint any more.
import * as client from "openid-client";
import { ask, done, given, visit } from "./talk.mjs";

const config = await client.discovery(new URL(given.issuer), given.client_id, {
  client_secret: given.client_secret,
  id_token_signed_response_alg: given.alg,
});

async function signIn(more) {
  const verifier = client.randomPKCECodeVerifier();
  const wish = {
    redirect_uri: given.redirect_uri,
    scope: "openid",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  };
  const back = await visit(client.buildAuthorizationUrl(config, wish));
  if (back.searchParams.has("error")) return { error: back.searchParams.get("error") };
  return await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, idTokenExpected: true });
}

const kid = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).kid;
const before = await signIn({ prompt: "consent" });
const hinted = await signIn({ prompt: "none", id_token_hint: before.id_token });
await ask({ withdraw: kid(before.id_token) });
const after = await signIn({ prompt: "none" });
const stale = await signIn({ prompt: "none", id_token_hint: before.id_token });
done({
  kids: [before, hinted, after].map((tokens) => kid(tokens.id_token)),
  same: before.claims().sub === after.claims().sub,
  stale: stale.error,
});
