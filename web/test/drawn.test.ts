/* drawn — the server is told sizes once things settle, only what differs, and anew on a new connection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drawn, type DrawnSlot } from '../src/state/drawn';
import { Clock } from './clock';

test('sizes are told when they settle, and only what differs', () => {
  const clock = new Clock();
  clock.install();
  try {
    const told: DrawnSlot[][] = [];
    let open = true;
    const d = new Drawn((slots) => {
      if (open) told.push(slots);
      return open;
    });
    const slots = [{ mid: '3', who: 'u1', source: 'camera' as const }, { mid: '4', who: 'u2', source: 'camera' as const }, { mid: '5' }];
    const three = d.by('3');
    const four = d.by('4');
    d.carries(slots);
    three(700);
    clock.tick(100);
    three(180);
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '3', h: 180 }, { mid: '4', h: 0 }]]);
    three(180);
    clock.tick(1000);
    assert.deepEqual(told, []);
    open = false;
    four(90);
    clock.tick(1000);
    open = true;
    d.forget();
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '3', h: 180 }, { mid: '4', h: 90 }]]);
    d.carries([slots[0]!, { ...slots[1]!, paused: true }]);
    four(0);
    clock.tick(1000);
    assert.deepEqual(told, [], 'what is paused for its line would never come back');
    d.carries([slots[0]!, { mid: '4' }]);
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '4', h: 16384 }]]);
  } finally {
    clock.uninstall();
  }
});

test('what is much larger is told at once, and that alone', () => {
  const clock = new Clock();
  clock.install();
  try {
    const told: DrawnSlot[][] = [];
    const d = new Drawn((slots) => told.push(slots) > 0);
    const three = d.by('3');
    const four = d.by('4');
    d.carries([{ mid: '3', who: 'u1', source: 'camera' }, { mid: '4', who: 'u2', source: 'camera' }]);
    three(180);
    four(180);
    clock.tick(1000);
    told.length = 0;
    four(0); /* another is being moved */
    three(400);
    clock.tick(20);
    three(720);
    clock.tick(20);
    assert.deepEqual(told.splice(0), [[{ mid: '3', h: 720 }]]);
    four(200);
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '4', h: 200 }]]);
    three(600); /* a little less waits until it settles */
    clock.tick(100);
    assert.deepEqual(told, []);
    three(1000);
    d.stop();
    clock.tick(1000);
    assert.deepEqual(told, []);
  } finally {
    clock.uninstall();
  }
});

test('whose tile left the page later than the next one came onto it takes nothing from that one', () => {
  const clock = new Clock();
  clock.install();
  try {
    const told: DrawnSlot[][] = [];
    const d = new Drawn((slots) => told.push(slots) > 0);
    const bob = d.by('3');
    d.carries([{ mid: '3', who: 'bob', source: 'camera' }]);
    bob(210);
    clock.tick(1000);
    d.carries([{ mid: '3', who: 'host', source: 'camera' }]);
    const host = d.by('3');
    host(278);
    bob(0);
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '3', h: 210 }], [{ mid: '3', h: 278 }]]);
    const again = d.by('3');
    again(90);
    clock.tick(1000);
    assert.deepEqual(told, [], 'drawn twice, the larger counts');
    host(0);
    clock.tick(1000);
    again(0);
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '3', h: 90 }], [{ mid: '3', h: 0 }]]);
  } finally {
    clock.uninstall();
  }
});
