/* join — the last step before the room: a name, a look at oneself, a check of microphone, sound and line. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import * as api from '../api';
import { ApiError } from '../api/client';
import type { EventDoc } from '../api/types';
import { errorText, t } from '../i18n';
import { fromNow, kbpsOf } from '../i18n/dates';
import { canShow } from '../media/codecs';
import { DeviceError, openCamera, openMic, type DeviceProblem } from '../media/devices';
import { cameraFits, checkSpeed, roomFor, type Speed } from '../media/speed';
import { checkLine, type LineCheck } from '../media/verdict';
import { checkWay, type WayCheck } from '../media/way';
import { SUBPROTOCOL } from '../protocol/socket';
import { newConnection } from '../state/birth';
import { changeEntry, entryOf } from '../state/entry';
import { formats, loadNames } from '../state/formats';
import { holds, keepCheck, lastCheck } from '../state/lastcheck';
import { wsUrl } from '../state/place';
import { guestName, recall, remember } from '../state/prefs';
import { go, place } from '../state/route';
import { saver, setSaver } from '../state/thrift';
import { session, user } from '../state/session';
import { Empty, Field, Loading, Title } from '../widgets/basic';
import { DevicePick, MicLevel, Picture, SpeakerTest, useDevices } from '../widgets/devices';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';

type Try<T> = { state: 'off' } | { state: 'asking' } | { state: 'on'; it: T } | { state: 'failed'; why: DeviceProblem };

/** A device that is on while `wanted`, reopened when `again` changes. */
function useTry(wanted: boolean, again: number, open: () => Promise<MediaStreamTrack>): Try<MediaStreamTrack> {
  const [now, setNow] = useState<Try<MediaStreamTrack>>({ state: 'off' });
  useEffect(() => {
    if (!wanted) {
      setNow({ state: 'off' });
      return undefined;
    }
    let alive = true;
    let mine: MediaStreamTrack | null = null;
    setNow({ state: 'asking' });
    open().then(
      (track) => {
        if (!alive) return track.stop();
        mine = track;
        return setNow({ state: 'on', it: track });
      },
      (e: unknown) => alive && setNow({ state: 'failed', why: e instanceof DeviceError ? e.problem : 'failed' }),
    );
    return () => {
      alive = false;
      mine?.stop();
    };
  }, [wanted, again]);
  return now;
}

interface Found {
  line: LineCheck;
  way: WayCheck | null;
}

function toneOf(f: Found, speed: Speed | null): 'good' | 'warn' | 'bad' {
  const { verdict } = f.line;
  if ((verdict !== 'good' && verdict !== 'fair') || f.way?.way === 'none') return 'bad';
  const thin = speed !== null && (roomFor(speed) !== 'all' || !cameraFits(speed));
  return thin || verdict === 'fair' || f.way?.way === 'tcp' || f.way?.way === 'turn' ? 'warn' : 'good';
}

/** About how much the line carries, what that is good for, and what to do when it is little. */
function SpeedWords({ speed }: { speed: Speed }) {
  const room = roomFor(speed);
  return (
    <>
      <br />
      {t('weak.speedDown', { speed: kbpsOf(speed.downKbps) })}
      {speed.upKbps > 0 && ` ${t('weak.speedUp', { speed: kbpsOf(speed.upKbps) })}`} {t(`weak.room.${room}`)}
      {!cameraFits(speed) && ` ${t('weak.noCamera')}`}
    </>
  );
}

/** How good the line is and which way picture and sound take; when they take none, what to ask for and whom. */
function LineVerdict({ up }: { up: boolean }) {
  const before = useMemo(() => lastCheck(), []);
  const [speed, setSpeed] = useState<Speed | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let alive = true;
    setFound(null);
    setSpeed(null);
    void Promise.all([checkLine(wsUrl(), SUBPROTOCOL), checkWay(newConnection)]).then(async ([line, way]) => {
      if (!alive) return;
      setFound({ line, way });
      if (line.verdict === 'blocked' || line.verdict === 'offline') return;
      /* A line just tried is not loaded again, unless asked to. */
      const known = turn === 0 && holds(before, up) ? before : null;
      const now = known ?? (await checkSpeed(line.rttMs, up));
      if (now && !known) keepCheck(now);
      if (alive) setSpeed(now);
    });
    return () => void (alive = false);
  }, [turn]);
  const tone = found ? toneOf(found, speed) : '';
  const reachable = found && found.line.verdict !== 'blocked' && found.line.verdict !== 'offline';
  return (
    <div class={`note ${tone}`} role="status" data-way={found?.way?.way} data-room={speed ? roomFor(speed) : undefined}>
      <Icon name={tone === 'bad' ? 'warn' : 'signal'} />
      <div class="grow stack">
        <span>
          {found ? t(`verdict.${found.line.verdict}`, { ms: found.line.rttMs }) : t('verdict.checking')}
          {!found && before && ` ${t('weak.lastTime', { when: fromNow(before.at, Date.now()), speed: kbpsOf(before.downKbps) })}`}
          {speed && reachable && <SpeedWords speed={speed} />}
        </span>
        {speed && reachable && roomFor(speed) === 'save' && (
          <label class="check">
            <input type="checkbox" checked={saver.value} onChange={(e) => setSaver(e.currentTarget.checked)} />
            <span>{t('weak.save')}</span>
          </label>
        )}
        {found?.way && reachable && (
          <span>{t(`way.${found.way.way}`, { host: found.way.host, port: String(found.way.port) })}</span>
        )}
        {tone !== '' && tone !== 'good' && (
          <button type="button" class="btn" onClick={() => setTurn(turn + 1)}>
            {t('retry')}
          </button>
        )}
      </div>
    </div>
  );
}

function Preview(p: { camera: Try<MediaStreamTrack>; mic: Try<MediaStreamTrack> }) {
  const stream = useMemo(() => (p.camera.state === 'on' ? new MediaStream([p.camera.it]) : null), [p.camera]);
  return (
    <div class="preview">
      {stream ? (
        <Picture stream={stream} mirror label={t('join.you')} />
      ) : (
        <div class="preview-off">
          <Icon name="cameraOff" />
          <span>
            {t(p.camera.state === 'failed' ? 'join.cameraFailed' : p.camera.state === 'asking' ? 'join.asking' : 'join.cameraOff')}
          </span>
        </div>
      )}
      {p.mic.state === 'on' && <MicLevel track={p.mic.it} />}
    </div>
  );
}

/** What keeps a wanted device off, once for both when it is the same, and the way on. */
function Trouble(p: { camera: Try<MediaStreamTrack>; mic: Try<MediaStreamTrack>; onRetry: () => void }) {
  const why = { camera: p.camera.state === 'failed' ? p.camera.why : null, mic: p.mic.state === 'failed' ? p.mic.why : null };
  if (!why.camera && !why.mic) return null;
  const one = (name: string, problem: DeviceProblem) => (
    <p key={name}>
      <strong>{name}.</strong> {t(`device.${problem}`)}
    </p>
  );
  return (
    <div class="note warn" role="alert">
      <Icon name="warn" />
      <div class="stack">
        {why.camera === why.mic && why.mic
          ? one(t('devices.title'), why.mic)
          : [why.mic && one(t('join.mic'), why.mic), why.camera && one(t('join.camera'), why.camera)]}
        <p>{t('join.without')}</p>
        <button type="button" class="btn" onClick={p.onRetry}>
          {t('retry')}
        </button>
      </div>
    </div>
  );
}

function Toggle(p: { on: boolean; icon: 'mic' | 'camera'; label: string; onClick: () => void }) {
  return (
    <button type="button" class={p.on ? 'btn primary' : 'btn'} aria-pressed={p.on} onClick={p.onClick}>
      <Icon name={p.on ? p.icon : p.icon === 'mic' ? 'micOff' : 'cameraOff'} />
      {p.label}
    </button>
  );
}

function joinProblem(e: unknown): string {
  if (e instanceof ApiError && e.field === 'code') return t('join.badCode');
  if (e instanceof ApiError && e.code === 'expired') return t('event.over');
  if (e instanceof ApiError && e.code === 'invalid' && e.field === 'name') return t('join.badName');
  return errorText(e);
}

function Form({ event: e }: { event: EventDoc }) {
  const speaks = e.role !== 'attendee';
  const format = formats.value.find((f) => f.id === e.format);
  const talks = format?.talks ?? false;
  /* As the last time on this device. */
  const [mic, setMic] = useState(speaks && recall('mic.off') !== '1');
  const [camera, setCamera] = useState(speaks && recall('camera.off') !== '1');
  const [again, setAgain] = useState(0);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const micTry = useTry(mic, again, openMic);
  const cameraTry = useTry(camera, again, openCamera);
  useEffect(() => void loadNames(), []);
  const devices = useDevices(`${micTry.state}${cameraTry.state}`);

  /* Its place is kept until it is known: on a phone the button to go in stands further down. */
  const isChoice = Object.values(devices).some((list) => list.length > 1);

  const enter = async (ev: SubmitEvent): Promise<void> => {
    ev.preventDefault();
    const form = new FormData(ev.currentTarget as HTMLFormElement);
    const name = user.value ? undefined : String(form.get('name') ?? '').trim();
    setBusy(true);
    setWrong('');
    try {
      const ticket = await api.join(e.id, name, entryOf(e.id).code, entryOf(e.id).reg);
      if (name) {
        guestName.value = name;
        remember('name', name);
      }
      if (speaks) {
        remember('mic.off', mic ? null : '1');
        remember('camera.off', camera ? null : '1');
      }
      changeEntry(e.id, {
        name,
        ticket,
        mic: mic && micTry.state === 'on',
        camera: camera && cameraTry.state === 'on',
        checked: true,
      });
      go(`/e/${e.id}/room`);
    } catch (err) {
      setWrong(joinProblem(err));
      setBusy(false);
    }
  };

  /* A device that would not open is tried again: pressing it can only mean "on". */
  const press = (on: boolean, now: Try<MediaStreamTrack>, set: (on: boolean) => void): void =>
    on && now.state === 'failed' ? setAgain(again + 1) : set(!on);

  const check = (
    <section key="check" class="stack wide join-check" aria-label={t('join.devices')}>
      <Preview camera={cameraTry} mic={micTry} />
      <div class="row">
        <Toggle on={mic && micTry.state !== 'failed'} icon="mic" label={t('join.mic')} onClick={() => press(mic, micTry, setMic)} />
        <Toggle on={camera && cameraTry.state !== 'failed'} icon="camera" label={t('join.camera')}
          onClick={() => press(camera, cameraTry, setCamera)} />
        <SpeakerTest />
      </div>
      <Trouble camera={cameraTry} mic={micTry} onRetry={() => setAgain(again + 1)} />
      {(speaks || isChoice) && (
        <details class={isChoice ? 'more' : 'more unseen'}>
          <summary>{t('join.otherDevices')}</summary>
          <div class="form">
            <DevicePick kind="mic" list={devices.mic} onPick={() => setAgain(again + 1)} />
            <DevicePick kind="camera" list={devices.camera} onPick={() => setAgain(again + 1)} />
            <DevicePick kind="speaker" list={devices.speaker} />
          </div>
        </details>
      )}
    </section>
  );
  const door = (
    <section key="door" class="card stack wide join-side">
      <div>
        <p class="soft small">{e.state === 'open' ? t('join.openNow') : t('join.notYet')}</p>
        <Title text={e.title} />
      </div>
      {user.value ? (
        <p>{t('join.as', { name: user.value.name })}</p>
      ) : (
        <Field label={t('join.name')} hint={t('join.nameHint')}>
          {(a) => (
            <input {...a} class="input" name="name" required maxLength={80} defaultValue={entryOf(e.id).name ?? guestName.value}
              autocomplete="name" />
          )}
        </Field>
      )}
      {e.record !== 'never' && (
        <p class="note">
          <Icon name="record" />
          {t(speaks ? 'join.recordedSpeaker' : 'join.recorded')}
        </p>
      )}
      {/* What comes later, or changes, stands below the button: it must not move away under the finger. */}
      <button class="btn primary large" type="submit" disabled={busy}>
        {busy ? t('wait') : t(e.role === 'host' && e.state !== 'open' ? 'join.prepare' : 'join.go')}
      </button>
      {wrong !== '' && (
        <p key="wrong" class="note bad" role="alert">
          <Icon name="warn" />
          {wrong}
        </p>
      )}
      {!speaks && !mic && !camera && <p class="soft small">{t(talks ? 'join.silent' : 'join.listener')}</p>}
      {format && !canShow(format.video) && (
        <p class="note warn" role="status">
          <Icon name="warn" />
          {t('join.unseen', { codec: format.video.toUpperCase() })}
        </p>
      )}
      <LineVerdict up={speaks} />
    </section>
  );
  /* On a phone they stand one under the other: a speaker checks first, a listener only says his name. */
  return (
    <form class="join" onSubmit={(ev) => void enter(ev)}>
      {speaks ? [check, door] : [door, check]}
    </form>
  );
}

/** Why one may not enter; what to do about it is on the page of the event. */
function whyNot(needs: EventDoc['needs']) {
  if (needs === 'ended') return 'event.over';
  if (needs === 'cancelled') return 'event.off';
  return needs === 'registration' || needs === 'pending' || needs === 'waiting' || needs === 'refused' ? `needs.${needs}` as const : 'event.notForYou';
}

export function Join({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  const code = place.value.query.get('code') ?? entryOf(id).code;
  if (code) changeEntry(id, { code });
  const who = user.value?.id ?? (session.value ? 'guest' : '');
  const data = useLoad(`${id} ${who}`, () => api.eventById(id, code, entryOf(id).reg));
  /* Whoever may not even see the event reads on its page why, and what to do. */
  const unseen = data.error instanceof ApiError && (data.error.code === 'auth' || data.error.code === 'not_found');
  useEffect(() => {
    if (unseen) go(`/e/${id}`, { replace: true });
  }, [unseen, id]);
  return (
    <main id="main" class="page">
      {session.value === null || unseen ? (
        <Loading />
      ) : (
        <Show of={data}>
          {(e) =>
            e.can.join ? (
              <Form event={e} />
            ) : (
              <Empty whole icon={e.needs === 'ended' ? 'check' : 'lock'} title={t(whyNot(e.needs))}>
                <a class="btn primary" href={e.needs === 'signin' ? `/signin?next=/e/${id}/join` : `/e/${id}`}>
                  {t(e.needs === 'signin' ? 'nav.signin' : e.needs === 'registration' ? 'needs.register' : 'event.page')}
                </a>
              </Empty>
            )
          }
        </Show>
      )}
    </main>
  );
}
