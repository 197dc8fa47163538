// The real daemon, and processes with names that want to be markup. $VITALSD is the binary, $DIRECTORY a directory to use.
import {spawn} from "node:child_process";
import {copyFileSync, writeFileSync} from "node:fs";
import {once} from "node:events";

export const kHostileTarget = `<img src=x onerror="window.hacked=1">`;
export const kHostileComm = "<svg onload=x>";  // at most 15 bytes

const running = [];
function start(...command) {
  const child = spawn(command[0], command.slice(1), {stdio: ["ignore", "ignore", "pipe"]});
  running.push(child);
  return child;
}

export async function end(child, signal = "SIGTERM") {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

export const endAll = () => Promise.all(running.map((child) => end(child, "SIGKILL")));

/** A process of this comm that does nothing. */
export function sleeper(comm) {
  const path = `${process.env.DIRECTORY}/${comm}`;
  copyFileSync("/bin/sleep", path);
  return start(path, "600");
}

export function configure() {
  const file = `${process.env.DIRECTORY}/page.yml`;
  writeFileSync(file, `
collectors:
  defaults: {interval: 1s}
  pressure: {enabled: true}
  cgroups: {enabled: true}
  targets: {interval: 200ms, watch: [{name: '${kHostileTarget}', comm: page-victim}, {name: quiet, comm: page-quiet}]}
  process_groups: {enabled: true, process_names: [{name: '{{.Comm}}', comm: ['${kHostileComm}', page-quiet, node]}]}
`);
  return file;
}

/** -> the child and its URL. */
export async function daemon(config, address = "127.0.0.1:0") {
  const child = start(process.env.VITALSD, `--config.file=${config}`, `--web.listen-address=${address}`);
  let log = "";
  for await (const chunk of child.stderr) {
    log += chunk;
    const found = /msg=listening address=(\S+)/.exec(log);
    if (!found) continue;
    child.stderr.on("data", () => {});
    return {child, address: found[1], url: `http://${found[1]}/`};
  }
  throw new Error("the daemon ended: " + log);
}
