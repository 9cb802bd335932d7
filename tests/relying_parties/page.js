// A public service without a server of its own, by oidc-client-ts: everything by fetch from another origin.
const given = new URL(document.currentScript.src).origin;
const told = JSON.parse(sessionStorage.getItem("told") ?? new URLSearchParams(location.hash.slice(1)).get("told"));
sessionStorage.setItem("told", JSON.stringify(told));

const manager = new oidc.UserManager({
  authority: told.issuer,
  client_id: told.client_id,
  redirect_uri: `${given}/callback`,
  post_logout_redirect_uri: `${given}/left`,
  response_type: "code",
  scope: told.scope,
  loadUserInfo: true,
});

function say(state, learned = {}) {
  document.getElementById("learned").textContent = JSON.stringify(learned);
  document.getElementById("state").textContent = state;
}

async function run() {
  if (location.pathname === "/left") return say("left");
  if (location.pathname !== "/callback") return manager.signinRedirect();
  const user = await manager.signinCallback();
  const renewed = user.refresh_token ? await manager.signinSilent() : user;
  say("signed in", { profile: user.profile, scope: user.scope, renewed: renewed.access_token !== user.access_token });
  window.leave = async () => {
    await manager.revokeTokens(["access_token"]);
    await manager.signoutRedirect();
  };
}

run().catch((error) => say(`failed: ${error.message}`));
