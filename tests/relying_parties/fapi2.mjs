// FAPI 2.0 by openid-client: a pushed request, authentication by signature, tokens bound to a key (DPoP).
import { importJWK } from "jose";
import * as client from "openid-client";
import { done, given, refusal, visit } from "./talk.mjs";

const key = await importJWK(given.jwk, "ES256");
const method = client.PrivateKeyJwt({ key, kid: given.jwk.kid });
const config = await client.discovery(
  new URL(given.issuer),
  given.client_id,
  { id_token_signed_response_alg: "ES256", use_mtls_endpoint_aliases: false },
  method,
);
const proofs = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
const options = { DPoP: proofs };

const verifier = client.randomPKCECodeVerifier();
const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
const wish = {
  redirect_uri: given.redirect_uri,
  scope: given.scope,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state: checks.expectedState,
  nonce: checks.expectedNonce,
};
const first = await visit(await client.buildAuthorizationUrlWithPAR(config, wish, options));
const stolen = await refusal(() => client.authorizationCodeGrant(config, first, checks, undefined, { DPoP: thief }));
const address = await client.buildAuthorizationUrlWithPAR(config, wish, options);
const back = await visit(address);
const tokens = await client.authorizationCodeGrant(config, back, checks, undefined, options);
const { sub } = tokens.claims();
const person = await client.fetchUserInfo(config, tokens.access_token, sub, options);
const foreign = await refusal(() => client.fetchUserInfo(config, tokens.access_token, sub, { DPoP: thief }));
const bearer = await refusal(() => client.fetchUserInfo(config, tokens.access_token, sub));
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
await client.fetchUserInfo(config, refreshed.access_token, sub, options);
await client.tokenRevocation(config, tokens.refresh_token);
const dead = await refusal(() => client.refreshTokenGrant(config, tokens.refresh_token, undefined, options));
done({
  asked: [...address.searchParams.keys()].sort(),
  stolen,
  kind: tokens.token_type,
  sub,
  person,
  foreign,
  bearer,
  rotated: refreshed.refresh_token !== undefined && refreshed.refresh_token !== tokens.refresh_token,
  dead,
});
