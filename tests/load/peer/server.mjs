// npm's oidc-provider as its documentation sets it up: what `make bench` measures beside the portal. One process, its
// store is Redis (REDIS_URL, a socket) where there is one, else its own memory of the last 1,000 things.
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';
import Store from './store.mjs';

const { PORT, REDIS_URL, CLIENT_SECRET } = process.env;
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'peer', alg: 'ES256', use: 'sig' };
const wide = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsa = { ...wide.privateKey.export({ format: 'jwk' }), kid: 'peer-rsa', alg: 'RS256', use: 'sig' };
const names = { name: 'A Person', given_name: 'A', family_name: 'Person', birthdate: '1980-01-01' };

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  adapter: REDIS_URL ? Store : undefined,
  jwks: { keys: [key, rsa] },
  clients: ['usual', 'refreshing', 'rsa'].map((name) => ({
    client_id: name,
    client_secret: CLIENT_SECRET,
    redirect_uris: ['https://service.example/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: name === 'rsa' ? 'RS256' : 'ES256',
    scope: 'openid profile api',
  })),
  issueRefreshToken: async (_context, client) => client.clientId === 'refreshing',
  scopes: ['openid', 'profile', 'api'],
  claims: { openid: ['sub'], profile: Object.keys(names) },
  features: {
    introspection: { enabled: true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
  },
  cookies: { keys: ['a key for the cookies of a benchmark'] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'] },
  ttl: { AccessToken: 3600, AuthorizationCode: 60, IdToken: 3600, RefreshToken: 86400, Session: 86400, Grant: 86400 },
  findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...names }) }),
});

provider.listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
