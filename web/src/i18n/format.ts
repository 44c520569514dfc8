/* format — a message filled in: plural form by {count}, numbers as the language writes them. Pure. */

export type Lang = 'uk' | 'en';
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Message = string | Plural;
export type Params = Record<string, string | number>;

export const LOCALES: Record<Lang, string> = { uk: 'uk-UA', en: 'en-GB' };

const plurals: Record<Lang, Intl.PluralRules> = {
  uk: new Intl.PluralRules('uk'),
  en: new Intl.PluralRules('en'),
};

/** A dash never begins a line. */
export const typeset = (text: string): string => text.replaceAll(' — ', '\u00a0— ');

export function format(message: Message, l: Lang, params: Params): string {
  const text =
    typeof message === 'string' ? message : (message[plurals[l].select(Number(params.count ?? 0))] ?? message.other);
  return typeset(text).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(LOCALES[l]).format(value) : value;
  });
}
