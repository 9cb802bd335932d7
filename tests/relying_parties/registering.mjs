// A service that registers itself (RFC 7591) by openid-client and signs its request (RFC 9101).
import { exportJWK, generateKeyPair } from "jose";
import * as client from "openid-client";
import { done, given, visit } from "./talk.mjs";

const pair = await generateKeyPair("ES256", { extractable: true });
const jwk = { ...(await exportJWK(pair.publicKey)), kid: "one", use: "sig", alg: "ES256" };
const config = await client.dynamicClientRegistration(
  new URL(given.issuer),
  {
    client_name: "A service that registers itself",
    redirect_uris: [given.redirect_uri],
    scope: "openid profile",
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    id_token_signed_response_alg: "ES256",
    request_object_signing_alg: "ES256",
    jwks: { keys: [jwk] },
  },
  client.PrivateKeyJwt({ key: pair.privateKey, kid: "one" }),
);
const verifier = client.randomPKCECodeVerifier();
const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
const wish = {
  redirect_uri: given.redirect_uri,
  scope: "openid profile",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state: checks.expectedState,
  nonce: checks.expectedNonce,
};
const signed = await client.buildAuthorizationUrlWithJAR(config, wish, { key: pair.privateKey, kid: "one" });
const tokens = await client.authorizationCodeGrant(config, await visit(signed), { ...checks, idTokenExpected: true });
const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
done({ client_id: config.clientMetadata().client_id, person, asked: [...signed.searchParams.keys()].sort() });
