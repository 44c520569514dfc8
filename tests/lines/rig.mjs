// Lines between a server and people that are long, lossy, thin, cut or filtered: namespaces and wires by netline.c,
// rates by `tc tbf`, firewalls and changed addresses by nftables. What runs "within" a namespace sees only its line.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../integration/lib.mjs';

const netline = join(root, 'build/lines/netline');
/** The server's one address: every line leads to it. */
export const SERVER_IP = '10.77.0.1';
/* As deep as a home router's: deeper queues are the exception, shallower ones lose whole pictures. */
const QUEUE_MS = 250;
const BURST_BYTES = 5000;

function must(command, args, input) {
  const r = spawnSync(command, args, { input, encoding: 'utf8', timeout: 20_000 });
  if (r.error || r.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${r.error ?? r.stderr}`);
  return r.stdout;
}

/** In a sentence what keeps this machine from having such lines; null when nothing does. */
export function hindrance() {
  if (process.getuid() !== 0) return 'Shaped lines need root (network namespaces and TAP devices): run `make test-lines` as root or as a user with sudo.';
  for (const [tool, pkg] of [['ip', 'iproute2'], ['tc', 'iproute2'], ['nft', 'nftables'], ['nsenter', 'util-linux']]) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `Shaped lines need ${tool}: apt-get install ${pkg}.`;
  }
  return null;
}

/** The same, tried: a container's root may make no namespaces. */
export function impossible() {
  const why = hindrance();
  if (why) return why;
  const r = spawnSync(netline, ['server', 'client'], { input: '', encoding: 'utf8', timeout: 20_000 });
  return r.status === 0 ? null : `Shaped lines need network namespaces and TAP devices: ${(r.stderr || String(r.error ?? r.signal)).trim()}.`;
}

/** `names` are the people's; each gets a line. Give everything back with `close`. */
export async function makeLines(names) {
  const why = hindrance();
  if (why) throw new Error(why);
  const wire = spawn(netline, ['server', ...names], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = createInterface({ input: wire.stdout })[Symbol.asyncIterator]();
  const scripts = mkdtempSync(join(tmpdir(), 'somhub-lines-'));
  const paths = {};
  for (let line; (line = (await said.next()).value) !== 'ready'; ) {
    if (line === undefined) throw new Error('netline ended before it was ready');
    const [, name, path] = line.split(' ');
    paths[name] = path;
  }
  const within = (name) => ['nsenter', `--net=${paths[name]}`];
  const sh = (name, script) => must('nsenter', [`--net=${paths[name]}`, 'sh', '-euc', script]);

  sh('server', `ip link set dev lo up; ip addr add ${SERVER_IP}/32 dev lo`);
  for (const [i, name] of names.entries()) {
    const net = `10.77.${i + 1}`;
    sh('server', `ip link set dev ${name} up; ip addr add ${net}.1/24 dev ${name}`);
    /* An IPv6 address that comes a second later is to Chromium a changed network, and fails what it loads just then. */
    sh(name, `ip link set dev lo up; ip link set dev eth0 addrgenmode none; ip link set dev eth0 up; ip addr add ${net}.2/24 dev eth0; ip route add default via ${net}.1`);
  }

  /** How many kbit/s a line carries to and from the person; 0 is no limit. */
  const rate = (name, { down = 0, up = 0 }) => {
    for (const [at, dev, kbps] of [['server', name, down], [name, 'eth0', up]]) {
      sh(at, kbps === 0 ? `tc qdisc del dev ${dev} root 2>/dev/null || true`
        : `tc qdisc replace dev ${dev} root tbf rate ${kbps}kbit burst ${BURST_BYTES} latency ${QUEUE_MS}ms`);
    }
  };
  /** netline's words: delay, jitter (ms), loss (per cent), cut (0, 1); way is up, down or both. */
  const shape = async (name, words, way = 'both') => {
    wire.stdin.write(`${name} ${way} ${Object.entries(words).map(([k, v]) => `${k}=${v}`).join(' ')}\n`);
    if ((await said.next()).value !== 'ok') throw new Error(`netline did not take ${JSON.stringify(words)}`);
  };
  const address = (name, last) => `10.77.${names.indexOf(name) + 1}.${last}`;

  return {
    names, within, sh, rate, shape,
    /** A line as at the beginning. */
    calm: async (name) => {
      rate(name, {});
      await shape(name, { delay: 0, jitter: 0, loss: 0, cut: 0 });
      sh(name, `nft delete table ip moved 2>/dev/null || true; ip addr flush dev eth0; ip addr add ${address(name, 2)}/24 dev eth0; ip route replace default via ${address(name, 1)}`);
    },
    /** Lets only TCP through, as a school's firewall does. */
    onlyTcp: (name) => sh(name, 'nft add table inet wall; nft "add chain inet wall out { type filter hook output priority 0; }"; nft add rule inet wall out meta l4proto udp drop'),
    /** The router on the way gets another address: from now on the server sees the person at a new one,
     * and what it sends to the old one is lost. */
    behindNewAddress: (name, last = 9) => {
      const [mine, seen] = [address(name, 2), address(name, last)];
      sh('server', `ip route replace ${seen} via ${mine} dev ${name}`);
      sh(name, `nft -f - <<-END
        table ip moved
        delete table ip moved
        table ip moved {
          chain out { type filter hook postrouting priority 0; ip saddr ${mine} ip protocol udp ip saddr set ${seen}; }
          chain in { type filter hook prerouting priority -300; ip daddr ${mine} ip protocol udp drop; ip daddr ${seen} ip daddr set ${mine}; }
        }
END`);
    },
    /** Another network: the old address is gone from the machine, a new one is there. */
    moved: (name) => sh(name, `ip addr del ${address(name, 2)}/24 dev eth0; ip addr add ${address(name, 7)}/24 dev eth0; ip route replace default via ${address(name, 1)}`),
    /** A file that runs `program` within the namespace, for what wants one path. */
    program: (name, program) => {
      const file = join(scripts, `${name}-${program.split('/').pop()}`);
      writeFileSync(file, `#!/bin/sh\nexec ${within(name).join(' ')} ${program} "$@"\n`);
      chmodSync(file, 0o755);
      return file;
    },
    close: async () => {
      const ended = new Promise((done) => wire.once('exit', done));
      wire.stdin.end();
      await ended;
      rmSync(scripts, { recursive: true, force: true });
    },
  };
}
