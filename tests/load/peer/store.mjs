// Redis behind the contract that oidc-provider documents for adapters; what may be used once is a hash with a mark.
import { Redis } from 'ioredis';

const redis = process.env.REDIS_URL ? new Redis(process.env.REDIS_URL) : undefined;
const ONCE = new Set(['AuthorizationCode', 'RefreshToken']);
const GRANTED = new Set(['AccessToken', ...ONCE]);

export default class Store {
  constructor(name) {
    this.name = name;
    this.isOnce = ONCE.has(name);
  }

  key(id) {
    return `${this.name}:${id}`;
  }

  async upsert(id, payload, seconds) {
    const work = redis.multi();
    const text = JSON.stringify(payload);
    if (this.isOnce) work.hset(this.key(id), { text }).expire(this.key(id), seconds);
    else if (seconds) work.set(this.key(id), text, 'EX', seconds);
    else work.set(this.key(id), text);
    if (GRANTED.has(this.name) && payload.grantId) {
      work.rpush(`grant:${payload.grantId}`, this.key(id)).expire(`grant:${payload.grantId}`, 86400);
    }
    if (payload.uid) work.set(`uid:${payload.uid}`, id, 'EX', seconds);
    await work.exec();
  }

  async find(id) {
    if (!this.isOnce) return JSON.parse((await redis.get(this.key(id))) ?? 'null') ?? undefined;
    const { text, consumed } = await redis.hgetall(this.key(id));
    return text && { ...JSON.parse(text), ...(consumed && { consumed: Number(consumed) }) };
  }

  async findByUid(uid) {
    const id = await redis.get(`uid:${uid}`);
    return id ? this.find(id) : undefined;
  }

  async findByUserCode() {}

  async destroy(id) {
    await redis.del(this.key(id));
  }

  async consume(id) {
    await redis.hset(this.key(id), 'consumed', Math.floor(Date.now() / 1000));
  }

  async revokeByGrantId(grant) {
    const keys = await redis.lrange(`grant:${grant}`, 0, -1);
    await redis.del(`grant:${grant}`, ...keys);
  }
}
