// OpenID Connect with the code flow and PKCE, by openid-client: sign-in, user information, refresh, introspection,
// revocation, sign-out.
import * as client from "openid-client";
import { done, given, refusal, visit } from "./talk.mjs";

const config = await client.discovery(
  new URL(given.issuer),
  given.client_id,
  { client_secret: given.client_secret, id_token_signed_response_alg: given.alg },
  given.method === "client_secret_post" ? client.ClientSecretPost() : client.ClientSecretBasic(),
);
const verifier = client.randomPKCECodeVerifier();
const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
const wish = {
  redirect_uri: given.redirect_uri,
  scope: given.scope,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state: checks.expectedState,
  nonce: checks.expectedNonce,
  prompt: "consent",
  max_age: "3600",
};
const back = await visit(client.buildAuthorizationUrl(config, wish));
const tokens = await client.authorizationCodeGrant(config, back, { ...checks, maxAge: 3600, idTokenExpected: true });
const { sub } = tokens.claims();
const person = await client.fetchUserInfo(config, tokens.access_token, sub);
const again = await refusal(() => client.authorizationCodeGrant(config, back, checks));

const silent = await visit(client.buildAuthorizationUrl(config, { ...wish, prompt: "none" }));
const second = await client.authorizationCodeGrant(config, silent, { ...checks, idTokenExpected: true });
const refreshed = second.refresh_token ? await client.refreshTokenGrant(config, second.refresh_token) : second;
const described = await client.tokenIntrospection(config, refreshed.access_token);
await client.tokenRevocation(config, refreshed.refresh_token ?? refreshed.access_token);
const after = await client.tokenIntrospection(config, refreshed.access_token);
const dead = refreshed.refresh_token
  ? await refusal(() => client.refreshTokenGrant(config, refreshed.refresh_token))
  : "no refresh token";

const farewell = { id_token_hint: second.id_token, post_logout_redirect_uri: given.after, state: "farewell" };
const left = await visit(client.buildEndSessionUrl(config, farewell));
const gone = await visit(client.buildAuthorizationUrl(config, { ...wish, prompt: "none" }));
done({
  sub,
  person,
  again,
  kind: tokens.token_type,
  refreshed: Boolean(second.refresh_token) && refreshed.access_token !== second.access_token,
  active: [described.active, after.active],
  dead,
  left: left.href,
  gone: gone.searchParams.get("error"),
});
