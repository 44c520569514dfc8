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
    d.carries(slots);
    d.set('3', 700);
    clock.tick(100);
    d.set('3', 180);
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '3', h: 180 }, { mid: '4', h: 0 }]]);
    d.set('3', 180);
    clock.tick(1000);
    assert.deepEqual(told, []);
    open = false;
    d.set('4', 90);
    clock.tick(1000);
    open = true;
    d.forget();
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '3', h: 180 }, { mid: '4', h: 90 }]]);
    d.carries([slots[0]!, { ...slots[1]!, paused: true }]);
    d.set('4', 0);
    clock.tick(1000);
    assert.deepEqual(told, [], 'what is paused for its line would never come back');
    d.carries([slots[0]!, { mid: '4' }]);
    clock.tick(1000);
    assert.deepEqual(told.splice(0), [[{ mid: '4', h: 16384 }]]);
  } finally {
    clock.uninstall();
  }
});
