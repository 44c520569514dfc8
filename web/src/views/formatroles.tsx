/* formatroles — who may do what: a grid of permissions with roles as columns; on a phone a list for each role. */

import { useEffect, useState } from 'preact/hooks';
import type { FormatDoc, Wrong } from '../api/formats';
import { permission, tf } from '../i18n/formats';
import { ROLES, ruledOut, type GROUPS, type Role } from '../plan/formats';
import { wrongText } from './formatwords';

interface Props {
  draft: FormatDoc;
  groups: typeof GROUPS;
  wrongs: readonly Wrong[];
  onChange: (roles: FormatDoc['roles']) => void;
}

const NARROW = '(max-width: 760px)';

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const changed = (): void => setNarrow(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return narrow;
}

/** One box. What the format rules out cannot be given; what it has all the same can be taken away. */
function Box({ p, role, can, id, label }: { p: Props; role: Role; can: string; id?: string; label?: string }) {
  const has = (p.draft.roles[role] ?? []).includes(can);
  const out = ruledOut(p.draft, role, can);
  const put = (on: boolean): void => {
    const rest = (p.draft.roles[role] ?? []).filter((c) => c !== can);
    p.onChange({ ...p.draft.roles, [role]: on ? [...rest, can] : rest });
  };
  return (
    <input type="checkbox" id={id} checked={has} disabled={out !== '' && !has} title={out ? tf(`out.${out}`) : undefined}
      aria-label={label} aria-invalid={has && out !== '' ? true : undefined} onChange={(ev) => put(ev.currentTarget.checked)} />
  );
}

/** What is wrong with a role as a whole, each sentence once. */
function RoleWrongs({ p, role }: { p: Props; role: Role }) {
  const said = [...new Set(p.wrongs.filter((w) => w.field === `roles.${role}`).map(wrongText))];
  if (!said.length) return null;
  return (
    <p class="wrong" tabIndex={-1}>
      {tf(`role.${role}`)}: {said.join(' ')}
    </p>
  );
}

function Grid({ p }: { p: Props }) {
  return (
    <table class="format-grid">
      <thead>
        <tr>
          <th scope="col">{tf('may')}</th>
          {ROLES.map((r) => (
            <th key={r} scope="col">
              {tf(`role.${r}`)}
            </th>
          ))}
        </tr>
      </thead>
      {p.groups.map((g) => (
        <tbody key={g.name}>
          <tr class="format-group">
            <th colSpan={ROLES.length + 1} scope="rowgroup">
              {tf(`group.${g.name}`)}
            </th>
          </tr>
          {g.can.map((can) => (
            <tr key={can}>
              <th scope="row">{permission(can)}</th>
              {ROLES.map((role) => (
                <td key={role}>
                  <label class="format-box" htmlFor={`${role}-${can}`}>
                    <Box p={p} role={role} can={can} id={`${role}-${can}`} label={`${permission(can)}: ${tf(`role.${role}`)}`} />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}

function List({ p, role }: { p: Props; role: Role }) {
  const count = (p.draft.roles[role] ?? []).length;
  return (
    <details class="format-role" open={role === 'attendee'}>
      <summary>
        {tf(`role.${role}`)} <span class="soft">{count}</span>
      </summary>
      {p.groups.map((g) => (
        <fieldset key={g.name}>
          <legend>{tf(`group.${g.name}`)}</legend>
          {g.can.map((can) => (
            <label class="check" key={can}>
              <Box p={p} role={role} can={can} />
              <span>{permission(can)}</span>
            </label>
          ))}
        </fieldset>
      ))}
    </details>
  );
}

export function RolesGrid(p: Props) {
  const narrow = useNarrow();
  return (
    <section class="card form" aria-label={tf('roles')}>
      <h2>{tf('roles')}</h2>
      <p class="soft small">{tf('rolesHint')}</p>
      {ROLES.map((r) => (
        <RoleWrongs key={r} p={p} role={r} />
      ))}
      {narrow ? ROLES.map((r) => <List key={r} p={p} role={r} />) : <Grid p={p} />}
    </section>
  );
}
