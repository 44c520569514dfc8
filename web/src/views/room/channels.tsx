/* channels — interpreters: what a listener chooses, what the host sets up, and the console of who interprets. */

import { useRef, useState } from 'preact/hooks';
import { langHere, t } from '../../i18n';
import { CHANNELS_MAX, EACH_MAX, Intent, LANGS, type Channel } from '../../protocol/channels';
import { lang as ownLang } from '../../state/prefs';
import { Dialog } from '../../widgets/basic';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';

export function ListenDialog({ onClose }: { onClose: () => void }) {
  const { booth } = useLive();
  const floor = booth.floor.value;
  const chosen = booth.lang.value;
  return (
    <Dialog title={t('channels.listen')} onClose={onClose} actions={
      <button type="button" class="btn primary" onClick={onClose}>{t('close')}</button>
    }>
      <fieldset>
        <legend class="hidden-text">{t('channels.listen')}</legend>
        <div class="choices">
          {['', ...booth.channels.value.langs.map((l) => l.lang)].map((l) => (
            <label class="choice" key={l}>
              <input type="radio" name="channel" value={l} checked={l === chosen} onChange={() => booth.hear(l)} />
              <strong lang={l || undefined}>{l ? langHere(l) : t('channels.floor')}</strong>
              {l && !booth.channels.value.langs.find((c) => c.lang === l)?.air && <span class="soft small">{t('channels.silent')}</span>}
            </label>
          ))}
        </div>
      </fieldset>
      <label class="field">
        <span>{t('channels.floorVolume', { n: floor })}</span>
        <input type="range" min={0} max={100} step={5} value={floor} onInput={(e) => booth.setFloor(Number(e.currentTarget.value))} />
      </label>
    </Dialog>
  );
}

/** A list as it is meant, and how to change it. */
function useIntent(now: readonly string[], send: (list: readonly string[]) => Promise<boolean>) {
  const it = useRef(new Intent());
  const [, draw] = useState({});
  const change = (to: (was: readonly string[]) => string[]): void => {
    const list = it.current.change(now, to);
    draw({});
    void send(list).then(() => {
      it.current.answered(list);
      draw({});
    });
  };
  return [it.current.of(now), change] as const;
}

function Person({ who, name, langs: now }: { who: string; name: string; langs: readonly string[] }) {
  const live = useLive();
  const all = live.booth.channels.value.langs;
  const [langs, change] = useIntent(now, (list) => live.command('interpret', { who, langs: list }));
  const set = (l: string, on: boolean): void => change((was) => [...was.filter((x) => x !== l), ...(on ? [l] : [])]);
  return (
    <fieldset class="channel-person">
      <legend>{live.members.value.get(who)?.name ?? name}</legend>
      {all.map(({ lang }) => (
        <label class="check" key={lang}>
          <input type="checkbox" checked={langs.includes(lang)} disabled={!langs.includes(lang) && langs.length >= EACH_MAX}
            onChange={(e) => set(lang, e.currentTarget.checked)} />
          <span>{langHere(lang)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** For the host: languages, and who interprets. */
export function ChannelsDialog({ onClose }: { onClose: () => void }) {
  const live = useLive();
  const { channels, listening } = live.booth;
  const [langs, lay] = useIntent(channels.value.langs.map((l) => l.lang), (list) => live.command('channels', { langs: list }));
  const [named, setNamed] = useState<string[]>([]);
  const people = [...channels.value.people, ...named.filter((id) => !channels.value.people.some((p) => p.who === id))
    .map((who) => ({ who, name: who, langs: [] }))];
  const others = [...live.members.value.values()].filter((m) => !people.some((p) => p.who === m.id));
  const byName = new Intl.Collator(ownLang.value);
  return (
    <Dialog title={t('channels.title')} onClose={onClose} actions={
      <button type="button" class="btn primary" onClick={onClose}>{t('close')}</button>
    }>
      <p>{t('channels.intro')}</p>
      <ul class="channel-list">
        {langs.map((l) => (
          <li key={l}>
            <strong>{langHere(l)}</strong>
            <span class="soft small">{t('channels.count', { count: listening.value?.langs[l] ?? 0 })}</span>
            <button type="button" class="btn quiet icon-only" aria-label={t('channels.drop', { name: langHere(l) })}
              onClick={() => lay((was) => was.filter((x) => x !== l))}><Icon name="close" /></button>
          </li>
        ))}
      </ul>
      {langs.length < CHANNELS_MAX && (
        <label class="field">
          <span>{t('channels.add')}</span>
          <select class="input" value="" onChange={({ currentTarget: { value: l } }) => l && lay((was) => [...was.filter((x) => x !== l), l])}>
            <option value="">{t('channels.choose')}</option>
            {LANGS.filter((l) => !langs.includes(l)).map((l) => <option key={l} value={l}>{langHere(l)}</option>)}
          </select>
        </label>
      )}
      {langs.length > 0 && (
        <>
          <h3>{t('channels.people')}</h3>
          {people.map((p) => <Person key={p.who} {...p} />)}
          <label class="field">
            <span>{t('channels.name')}</span>
            <select class="input" value="" onChange={(e) => e.currentTarget.value && setNamed([...named, e.currentTarget.value])}>
              <option value="">{t('channels.choosePerson')}</option>
              {others.sort((a, b) => byName.compare(a.name, b.name)).map((m) => <option key={m.id} value={m.id}>{m.name}</option>)}
            </select>
          </label>
        </>
      )}
    </Dialog>
  );
}

function OneChannel({ c }: { c: Channel }) {
  const live = useLive();
  const me = live.me.value.id;
  const { people } = live.booth.channels.value;
  const isMine = c.air === me;
  const nameOf = (id: string): string => live.members.value.get(id)?.name ?? people.find((p) => p.who === id)?.name ?? '';
  const mates = people.filter((p) => p.who !== me && p.langs.includes(c.lang));
  const take = async (): Promise<void> => {
    if (!live.local.peek().mic) await live.toggle('mic');
    if (live.local.peek().mic) await live.command('air', { lang: c.lang, who: me });
  };
  return (
    <div class="booth-channel">
      <p role="status">
        <strong>{langHere(c.lang)}</strong>{': '}
        {isMine ? t('channels.youAir') : c.air ? t('channels.air', { name: nameOf(c.air) }) : t('channels.nobody')}{' · '}
        {t('channels.count', { count: live.booth.listening.value?.langs[c.lang] ?? 0 })}
      </p>
      <div class="row">
        {isMine ? (
          <>
            {mates.map((p) => (
              <button type="button" class="btn primary" key={p.who} disabled={!p.mic} onClick={() => void live.command('air', { lang: c.lang, who: p.who })}>
                {t(p.mic ? 'channels.hand' : 'channels.notReady', { name: nameOf(p.who) })}
              </button>
            ))}
            <button type="button" class="btn" onClick={() => void live.command('air', { lang: c.lang })}>{t('channels.off')}</button>
          </>
        ) : (
          <button type="button" class="btn primary" onClick={() => void take()}>
            <Icon name="mic" />{t(c.air ? 'channels.take' : 'channels.on')}
          </button>
        )}
      </div>
    </div>
  );
}

/** Over the stage of who interprets. */
export function BoothCard() {
  const live = useLive();
  const { booth } = live;
  const mine = booth.channels.value.langs.filter((c) => booth.own.value.includes(c.lang));
  const onAir = mine.some((c) => c.air === live.me.value.id);
  const mic = live.local.value.mic;
  return (
    <section class={`booth${onAir && mic ? ' on-air' : ''}`} aria-label={t('channels.booth')}>
      {mine.map((c) => <OneChannel key={c.lang} c={c} />)}
      <p class="soft small">
        {t(onAir && !mic ? 'channels.micOff' : mic && !onAir ? 'channels.ready' : 'channels.only')}
        {live.room.value.recording && ` ${t('channels.kept')}`}
      </p>
    </section>
  );
}
