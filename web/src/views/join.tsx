/* join — the last step before the room: a name, a look at oneself, a check of microphone, sound and line. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import * as api from '../api';
import { ApiError } from '../api/client';
import type { EventDoc } from '../api/types';
import { errorText, t } from '../i18n';
import { DeviceError, openCamera, openMic, type DeviceProblem } from '../media/devices';
import { checkLine, type LineCheck } from '../media/verdict';
import { checkWay, type WayCheck } from '../media/way';
import { SUBPROTOCOL } from '../protocol/socket';
import { changeEntry, entryOf } from '../state/entry';
import { formats, loadNames } from '../state/formats';
import { wsUrl } from '../state/place';
import { guestName, remember } from '../state/prefs';
import { go, place } from '../state/route';
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

function toneOf(f: Found): 'good' | 'warn' | 'bad' {
  const { verdict } = f.line;
  if ((verdict !== 'good' && verdict !== 'fair') || f.way?.way === 'none') return 'bad';
  return verdict === 'fair' || f.way?.way === 'tcp' || f.way?.way === 'turn' ? 'warn' : 'good';
}

/** How good the line is and which way picture and sound take; when they take none, what to ask for and whom. */
function LineVerdict() {
  const [found, setFound] = useState<Found | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let alive = true;
    setFound(null);
    void Promise.all([checkLine(wsUrl(), SUBPROTOCOL), checkWay()]).then(
      ([line, way]) => alive && setFound({ line, way }),
    );
    return () => void (alive = false);
  }, [turn]);
  const tone = found ? toneOf(found) : '';
  const reachable = found && found.line.verdict !== 'blocked' && found.line.verdict !== 'offline';
  return (
    <div class={`note ${tone}`} role="status" data-way={found?.way?.way}>
      <Icon name={tone === 'bad' ? 'warn' : 'signal'} />
      <span class="grow">
        {found ? t(`verdict.${found.line.verdict}`, { ms: found.line.rttMs }) : t('verdict.checking')}
        {found?.way && reachable && (
          <>
            <br />
            {t(`way.${found.way.way}`, { host: found.way.host, port: String(found.way.port) })}
          </>
        )}
      </span>
      {tone !== '' && tone !== 'good' && (
        <button type="button" class="btn quiet" onClick={() => setTurn(turn + 1)}>
          {t('retry')}
        </button>
      )}
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
  const may = formats.value.find((f) => f.id === e.format)?.roles.attendee ?? [];
  const talks = may.includes('talk') || may.includes('stage_auto') || may.includes('stage_self');
  const [mic, setMic] = useState(speaks);
  const [camera, setCamera] = useState(speaks);
  const [again, setAgain] = useState(0);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const micTry = useTry(mic, again, openMic);
  const cameraTry = useTry(camera, again, openCamera);
  useEffect(() => void loadNames(), []);
  const devices = useDevices(`${micTry.state}${cameraTry.state}`);

  const enter = async (ev: SubmitEvent): Promise<void> => {
    ev.preventDefault();
    const form = new FormData(ev.currentTarget as HTMLFormElement);
    const name = user.value ? undefined : String(form.get('name') ?? '').trim();
    setBusy(true);
    setWrong('');
    try {
      const ticket = await api.join(e.id, name, entryOf(e.id).code);
      if (name) {
        guestName.value = name;
        remember('name', name);
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
      {Object.values(devices).some((list) => list.length > 1) && (
        <details class="more">
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
            <input {...a} class="input" name="name" required maxLength={80} defaultValue={guestName.value}
              autocomplete="name" />
          )}
        </Field>
      )}
      <LineVerdict />
      {e.record !== 'never' && (
        <p class="note">
          <Icon name="record" />
          {t(speaks ? 'join.recordedSpeaker' : 'join.recorded')}
        </p>
      )}
      {!speaks && !mic && !camera && <p class="soft small">{t(talks ? 'join.silent' : 'join.listener')}</p>}
      {wrong !== '' && (
        <p key="wrong" class="note bad" role="alert">
          <Icon name="warn" />
          {wrong}
        </p>
      )}
      <button class="btn primary large" type="submit" disabled={busy}>
        {busy ? t('wait') : t(e.role === 'host' && e.state !== 'open' ? 'join.prepare' : 'join.go')}
      </button>
    </section>
  );
  /* On a phone they stand one under the other: a speaker checks first, a listener only says his name. */
  return (
    <form class="join" onSubmit={(ev) => void enter(ev)}>
      {speaks ? [check, door] : [door, check]}
    </form>
  );
}

export function Join({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  const code = place.value.query.get('code') ?? entryOf(id).code;
  if (code) changeEntry(id, { code });
  const who = user.value?.id ?? (session.value ? 'guest' : '');
  const data = useLoad(`${id} ${who}`, () => api.eventById(id, code));
  return (
    <main id="main" class="page">
      {session.value === null ? (
        <Loading />
      ) : (
        <Show of={data}>
          {(e) =>
            e.can.join ? (
              <Form event={e} />
            ) : (
              <Empty whole icon={e.needs === 'ended' ? 'check' : 'lock'} title={t(e.needs === 'ended' ? 'event.over' : 'event.notForYou')}>
                <a class="btn primary" href={e.needs === 'signin' ? `/signin?next=/e/${id}/join` : `/e/${id}`}>
                  {t(e.needs === 'signin' ? 'nav.signin' : 'event.page')}
                </a>
              </Empty>
            )
          }
        </Show>
      )}
    </main>
  );
}
