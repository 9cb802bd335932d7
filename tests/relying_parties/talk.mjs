// How a relying party here talks with the test: one JSON object a line. It asks for a visit of an address by a person
// with a browser and gets the address where the person came back, or for something else; at the end it says what it learned.
import { createInterface } from "node:readline";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function next() {
  const { value, done } = await answers.next();
  if (done) throw new Error("the test has gone");
  return JSON.parse(value);
}

export const given = await next();

export async function visit(address) {
  return new URL((await ask({ visit: String(address) })).back);
}

export async function ask(wish) {
  console.log(JSON.stringify(wish));
  return await next();
}

export function done(learned) {
  console.log(JSON.stringify({ done: learned }));
  process.exit(0);
}

// The name of the error that `work` ends with; none is a fault.
export async function refusal(work) {
  try {
    await work();
  } catch (error) {
    return error.error ?? error.code ?? error.cause?.error ?? String(error);
  }
  throw new Error("it was not refused");
}
